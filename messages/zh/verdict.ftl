# 查验时执勤人员和驾驶人员看到的文字，按结论、原因代码和提示排列。
# 每个代码：含义；.officer：执勤人员下一步；.driver：告知驾驶人员。

outcome-admit = 放行
outcome-refuse = 劝返
outcome-refer = 上报

admit = 通行证有效。
    .officer = 核对车牌和驾驶人，然后放行。
    .driver = 可以通行，一路平安。

unreadable = 未能读出二维码。
    .officer = 请对方展平、擦净、在亮处重新出示；仍读不出，报通行证编号请示带班领导。
    .driver = 请展平并擦净二维码，手机调至最亮后重新出示。

not_a_pass = 这不是货运通行证的二维码。
    .officer = 请再扫一次；仍是如此的，请对方出示货运通行证，此码在这里无效。
    .driver = 请出示货运通行证的二维码。

format_newer = 通行证的版本比本设备新。
    .officer = 请示带班领导，并升级查验设备。
    .driver = 查验设备需要升级，请等候带班领导处理。

malformed = 二维码残缺或系编造。
    .officer = 请再扫一次；仍是如此的，劝返，保存照片，记下车牌和时间。
    .driver = 这不是真实的通行证，请向所属企业索取签发的原件。

no_trust = 本设备尚未载入任何签发机关。
    .officer = 先同步数据或请示带班领导；在此之前本设备不作判断。
    .driver = 查验设备尚未就绪，请等候带班领导处理。

wrong_type = 这是一份签名文件，但不是通行证。
    .officer = 劝返，保存照片。
    .driver = 此码不是通行证，请出示货运通行证。

wrong_alg = 通行证的签名方式不被允许。
    .officer = 劝返，保存照片。
    .driver = 这不是真实的通行证，请向所属企业索取签发的原件。

key_unknown = 没有任何签发机关使用这把密钥。
    .officer = 结论为劝返的，劝返并保存照片；结论为上报的，同步数据后重新查验。
    .driver = 本站查不到签发机关，请稍候，或联系所属企业。

issuer_mismatch = 通行证所写机关与签名密钥所属机关不符。
    .officer = 结论为劝返的，劝返并保存照片；结论为上报的，同步数据后重新查验。
    .driver = 此证并非所写机关签发，请联系所属企业。

bad_signature = 签名不符：通行证系伪造或被改动。
    .officer = 劝返，保存照片并上报。
    .driver = 此证不真实或二维码被改动，请向所属企业索取签发的原件。

claims_invalid = 通行证违反统一规则。
    .officer = 劝返，将编号报签发机关。
    .driver = 此证签发有误，请所属企业重新申领。

list_mismatch = 通行证指向的状态表不是它应在的表。
    .officer = 劝返，将编号报签发机关。
    .driver = 此证签发有误，请所属企业重新申领。

revoked = 通行证已被吊销。
    .officer = 劝返。原因可向签发机关查询。
    .driver = 此证已吊销，不再恢复，请联系所属企业或签发机关。

expired = 通行证已过期。
    .officer = 劝返。
    .driver = 此证已过有效期，请所属企业重新申领。

trust_behind = 本设备的签发机关名录落后于状态数据。
    .officer = 同步数据后重新查验，否则请示带班领导。
    .driver = 查验设备需要更新，请稍候。

trust_expired = 本设备的签发机关名录已过期。
    .officer = 同步数据后重新查验，否则请示带班领导。
    .driver = 查验设备需要更新，请稍候。

equivocation = 出现两份互相矛盾的签名数据。
    .officer = 本设备暂停放行，立即报告带班领导和运维人员。
    .driver = 数据需要核实，请等候带班领导处理。

life_too_long = 通行证有效期超过允许的最长期限。
    .officer = 结论为劝返的，劝返并上报编号；结论为上报的，同步数据后重新查验。
    .driver = 此证有效期不合规定，请联系所属企业。

out_of_scope = 该机关无权为此路线签发。
    .officer = 结论为劝返的，劝返并上报编号；结论为上报的，同步数据后重新查验。
    .driver = 签发机关无权管辖此路线，请所属企业向有权机关申领。

programme_not_allowed = 该机关无权在此专项下签发。
    .officer = 结论为劝返的，劝返并上报编号；结论为上报的，同步数据后重新查验。
    .driver = 此证所属专项未开放，请联系所属企业。

key_window = 通行证的生效时间不在密钥的签发期内。
    .officer = 结论为劝返的，劝返并保存照片；结论为上报的，同步数据后重新查验。
    .driver = 此证不能接受，请联系所属企业。

not_a_survivor = 签发密钥已失窃，此证不在真实签发的记录之中。
    .officer = 结论为劝返的，劝返、保存照片并上报；结论为上报的，同步数据后重新查验。
    .driver = 此证并非机关签发，请向所属企业索取签发的原件。

survivors_missing = 签发密钥已失窃，本设备没有真实签发的记录。
    .officer = 同步数据后重新查验，否则报编号请示带班领导。
    .driver = 您的通行证需要查询，请稍候。

clock_behind = 本设备的时钟慢了。
    .officer = 校准时钟后重新查验。
    .driver = 查验设备需要校时，请稍候。

unconfirmed_start = 尚无人确认本设备的日期。
    .officer = 将数据日期与日历核对后确认（sync --confirm）。
    .driver = 查验设备尚未就绪，请稍候。

status_missing = 本设备没有此证的状态数据。
    .officer = 同步数据后重新查验，否则报编号请示带班领导。
    .driver = 您的通行证需要查询，请稍候。

status_stale = 本设备的状态数据太旧。
    .officer = 同步数据后重新查验，否则报编号请示带班领导。
    .driver = 查验设备需要更新，请稍候。

list_unknown = 状态数据中没有此证所在的周。
    .officer = 同步数据后重新查验，否则报编号请示带班领导。
    .driver = 您的通行证需要查询，请稍候。

index_beyond = 此证比本设备的数据新。
    .officer = 同步数据后重新查验，否则报编号请示带班领导。
    .driver = 您的通行证刚刚签发，需要查询，请稍候。

suspended = 通行证已暂停使用。
    .officer = 车辆等候或劝返；机关可能恢复，可同步数据后重新查验。
    .driver = 此证暂停使用，请联系所属企业或签发机关。

not_yet_valid = 通行证尚未生效。
    .officer = 车辆等候至生效，或劝返。
    .driver = 此证尚未生效，到时方可通行。

plate_mismatch = 车牌与通行证不符。
    .officer = 重新核对车牌；确属他车的，劝返并上报，此证可能被复制。
    .driver = 此证属于另一辆车。

off_route = 本站不在通行证的路线上。
    .officer = 结论为劝返的，劝返；结论为上报的，请示带班领导。
    .driver = 您已偏离通行证的路线，请返回原路线，或联系所属企业另行申领。

no_place = 未设定本站所在区县，路线未核对。
    .officer = 设定本站区县后重新查验，否则会同带班领导人工核对路线。
    .driver = 路线需要核对，请稍候。

note-seen_before = 此前已在此放行：{ $time }，{ $ago }
note-seen_elsewhere = 此前已放行：{ $time }，{ $ago }，地点{ $place }
ago-seconds = { $count }秒前
ago-minutes = { $count }分钟前
ago-hours = { $count }小时前
ago-days = { $count }天前
note-compare_plate = 请核对车牌与实车
note-place_unchecked = 路线未核对
