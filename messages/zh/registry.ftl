# 协议中各枚举的取值，按 proto/freightpass/v1 中的名称（小写）。

application_state_submitted = 已提交
application_state_recommended = 已推荐
application_state_approved = 已批准
application_state_rejected = 已驳回
application_state_withdrawn = 已撤回

rejection_reason_incomplete = 材料不全
rejection_reason_false_statement = 陈述不实
rejection_reason_not_essential = 不属重点物资
rejection_reason_evidence = 证明缺失或过期
rejection_reason_route = 路线不许可
rejection_reason_vehicle = 车辆不许可
rejection_reason_crew = 人员不许可
rejection_reason_duplicate = 重复申请
rejection_reason_not_competent = 属其他机关受理
rejection_reason_other = 其他原因

status_action_suspended = 暂停
status_action_revoked = 吊销
status_action_resumed = 恢复

status_reason_false_statement = 陈述不实
status_reason_misuse = 挪作他用
status_reason_copied_or_lost = 被复制或遗失
status_reason_crew_unfit = 人员不宜出行
status_reason_vehicle_unfit = 车辆不宜出行
status_reason_issued_in_error = 签发有误
status_reason_holder_request = 持证人交回
status_reason_investigation = 正在调查
status_reason_enterprise_delisted = 企业移出白名单
status_reason_replaced = 已由新证替换
status_reason_cleared = 查清无碍
status_reason_programme_ended = 专项结束
status_reason_other = 其他原因

enterprise_state_listed = 在册
enterprise_state_delisted = 已移出

vehicle_kind_tractor = 牵引车
vehicle_kind_trailer = 挂车

crew_role_driver = 驾驶员
crew_role_relief_driver = 副驾驶员
crew_role_passenger = 随车人员

paper_kind_identity_card = 身份证
paper_kind_passport = 护照
paper_kind_hong_kong_macao_permit = 港澳居民来往内地通行证
paper_kind_taiwan_permit = 台湾居民来往大陆通行证

leg_empty = 空驶
leg_return = 返程
leg_loaded = 载货

evidence_kind_nucleic_acid_test = 核酸检测
evidence_kind_antigen_test = 抗原检测
evidence_kind_vaccination = 疫苗接种
evidence_kind_health_code = 健康码
evidence_kind_itinerary_card = 行程卡
evidence_kind_waybill = 运单
evidence_kind_licence = 证照
evidence_kind_other = 其他

evidence_subject_person = 每名司乘人员
evidence_subject_vehicle = 车辆
evidence_subject_cargo = 货物

arrival_state_expected = 预计到达
arrival_state_arrived = 已到达

waited_step_recommended = 推荐
waited_step_decided = 决定
waited_step_issued = 批准后签发
