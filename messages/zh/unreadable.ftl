# 读不出的原因，接在 `unreadable` 之后，给执勤人员看；代码固定不变（JSON 中的 `reason`）。
empty = 文件为空
unsupported = 不读取 { $kind } 图片，只读 PNG、JPEG 和 WebP
moving = 不读取动态图片
no_picture = 该文件不是图片
too_large = { $width } x { $height } 像素，超过可读的 { $most } 像素
cut = 图片不完整
damaged = 图片已损坏：{ $detail }
too_small = { $width } x { $height } 像素，容不下一个码
blank = 图片上什么也没有
no_code = 没有找到二维码
illegible = 有二维码，但看不清
crowded = 像码角的图案太多
reader_failed = 读码程序无法处理此图片
another = 画面中另有一个码看不清
long_line = 一行超过 { $most } 字节
no_text = 该行不是文本
file = { $detail }
