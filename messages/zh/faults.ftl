# 使检查站命令停止的原因，或执勤人员需知道的事项。英文在前、中文在后，写在同一行。

not_provisioned = { $path } 尚未设置查验设备，请先用本系统的初始化文件设置：`freightpass sync --folder { $path } --provision FILE`。
other_provision = { $path } 属于另一套系统或另一组根密钥：请换一个文件夹；确需重新设置本设备的，先删除此文件夹。
busy = { $path } 正由另一程序修改，请等它完成。
damaged = { $path } 已损坏：请删除后重新初始化本设备。
no_provisioning_file = { $path } 不是初始化文件。
not_confirmed = 未确认：请先同步数据。
nothing_to_scan = 其中没有可查验的内容。
no_such_picture = 没有这张图片。
neither = 既不是文件也不是文件夹。
not_remembered = 本次放行记录未能保存：{ $path }。
no_place = { $text } 不是有效的地点：{ $why_zh }。
no_plate = { $text } 不是有效的车牌号码：{ $why_zh }。
no_time = { $text } 不是有效的时间：{ $why_zh }。
no_server = { $data } 上没有运行中的服务：请启动 `freightpass serve --data { $data }`，或用 --server 指定服务地址。
no_connection = 无法连接 { $url }，请确认服务正在运行、网络畅通。
silent = { $url } 的服务在 { $seconds } 秒内没有应答。
not_fetched = 未能从 { $url } 取得数据。
not_renewed = 本设备的数据不再更新。查验仍按现有数据进行，并注明数据时间。请告知服务的运维人员。
