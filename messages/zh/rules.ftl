# 录入规则的要求，按服务答复中的代码；未列出的规则见其旁的说明。

missing = 请填写此项。
too_long = 请缩短文字。
forbidden_character = 请删去所指字符。
character = 请删去或更正所指字符。
check_digit = 校验码不符：请与原件逐位核对。
form = 格式不符：请与原件核对。
length = 长度不符：请与原件核对。
out_of_range = 数值超出允许范围。
unknown_value = 请从所列的值中选择。
time_out_of_bounds = 时间请用秒或带时刻的日期，不接受毫秒。
end_before_start = 终止须晚于开始。
in_the_past = 时间已过。
too_many = 数量过多。
unknown_authority = 没有此代码的机关。
owned_elsewhere = 此企业归另一机关管理：请与其联系，或删去此行。
in_the_future = 时间尚未到来。
number = 请填写整数。
unclosed_quote = 引号未闭合：请补全或删去。
not_listed = 此项不在该企业的白名单中：请先导入。
encoding = 此行有字节损坏或编码不同：请重新输入此行，并保存为 UTF-8。
too_many_cells = 单元格多于表头：单元格内的分隔符请用引号括起，表外的内容请移走。
numeric_cell = 请将该列设为文本格式后重新输入：数字会丢失前导零和第 15 位以后的数字。
scientific_notation = 科学计数法会丢失第 15 位以后的数字：请将该列设为文本格式后重新输入。
date_cell = 此处不应为日期：请将该列设为文本格式后重新输入。
error_cell = 公式出错：请改正公式，或直接填写其值。
formula_without_value = 公式没有计算结果：请打开工作簿后重新保存，或直接填写其值。
