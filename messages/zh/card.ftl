# 通行证卡面文字。

title = 重点物资货运通行证
officer = 扫码查验，核对车牌和驾驶人
driver = 请随车携带，遇查验出示此码
relief = 副驾驶员
driver-role = 驾驶员
passenger = 随车人员
empty = 空驶
return = 返程
