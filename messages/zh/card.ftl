# 通行证卡面文字。

title = 重点物资货运通行证
officer = 扫码查验，核对车牌、人员和证件尾号
driver = 请随车携带，保持平整，查验时出示
relief = 副驾驶员
driver-role = 驾驶员
passenger = 随车人员
loaded = 重载
empty = 空驶
return = 返程

label-issued = 签发机关
label-programme = 专项
label-number = 证号
label-tractor = 主车
label-trailer = 挂车
label-valid = 有效期
label-crew = 人员
label-id-tail = 证件尾号
label-route = 路线
label-cargo = 货物
label-enterprise = 企业
label-officer = 执勤人员
label-driver = 驾驶人员
proof = 以扫码查验为准，票面文字不作凭证
