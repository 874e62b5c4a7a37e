//! What the list is made of: real places, industries and goods; names and brands that are common and nobody's.

/// Where an enterprise sits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Home {
    pub county: &'static str,
    pub city: &'static str,
    pub dialling: &'static str,
    pub plates: &'static str,
}

/// Where journeys lead.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub county: &'static str,
    pub from_jiangsu: &'static [&'static str],
    pub from_zhejiang: &'static [&'static str],
}

/// A key industry, or a category of cargo, with words for it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kind {
    pub number: u8,
    pub words: &'static [&'static str],
}

const fn home(county: &'static str, city: &'static str, dialling: &'static str, plates: &'static str) -> Home {
    Home { county, city, dialling, plates }
}

const fn suzhou(county: &'static str, city: &'static str) -> Home {
    home(county, city, "0512", "苏E")
}

const fn hangzhou(county: &'static str) -> Home {
    home(county, "杭州", "0571", "浙A")
}

const fn place(
    county: &'static str,
    from_jiangsu: &'static [&'static str],
    from_zhejiang: &'static [&'static str],
) -> Place {
    Place { county, from_jiangsu, from_zhejiang }
}

const fn near(county: &'static str) -> Place {
    place(county, &[], &[])
}

const fn kind(number: u8, words: &'static [&'static str]) -> Kind {
    Kind { number, words }
}

pub(super) const SUZHOU: &[Home] = &[
    suzhou("320505", "苏州"),
    suzhou("320506", "苏州"),
    suzhou("320507", "苏州"),
    suzhou("320508", "苏州"),
    suzhou("320509", "苏州"),
    suzhou("320581", "常熟"),
    suzhou("320582", "张家港"),
    suzhou("320583", "昆山"),
    suzhou("320585", "太仓"),
];

pub(super) const HANGZHOU: &[Home] = &[
    hangzhou("330102"),
    hangzhou("330105"),
    hangzhou("330106"),
    hangzhou("330108"),
    hangzhou("330109"),
    hangzhou("330110"),
    hangzhou("330111"),
    hangzhou("330112"),
    hangzhou("330113"),
    hangzhou("330114"),
    hangzhou("330122"),
];

pub(super) const ELSEWHERE_IN_JIANGSU: &[Home] = &[
    home("320115", "南京", "025", "苏A"),
    home("320205", "无锡", "0510", "苏B"),
    home("320281", "江阴", "0510", "苏B"),
    home("320312", "徐州", "0516", "苏C"),
    home("320412", "常州", "0519", "苏D"),
    home("320613", "南通", "0513", "苏F"),
    home("320682", "如皋", "0513", "苏F"),
    home("320703", "连云港", "0518", "苏G"),
    home("320803", "淮安", "0517", "苏H"),
    home("320902", "盐城", "0515", "苏J"),
    home("321003", "扬州", "0514", "苏K"),
    home("321181", "丹阳", "0511", "苏L"),
    home("321283", "泰兴", "0523", "苏M"),
    home("321322", "沭阳", "0527", "苏N"),
];

/// A day's drive.
pub(super) const NEAR: &[Place] = &[
    near("310115"),
    near("310114"),
    near("310118"),
    near("310117"),
    near("320583"),
    near("320585"),
    near("320115"),
    near("320281"),
    near("320412"),
    near("320613"),
    near("330109"),
    near("330206"),
    near("330402"),
    near("330482"),
    near("330502"),
    near("330602"),
    near("330782"),
    near("340111"),
    near("340202"),
    near("341181"),
];

/// Long hauls, with the provinces in between.
pub(super) const FAR: &[Place] = &[
    place("370212", &[], &["32"]),
    place("371302", &[], &["32"]),
    place("410105", &["34"], &["34"]),
    place("410122", &["34"], &["34"]),
    place("420115", &["34"], &["34"]),
    place("429004", &["34"], &["34"]),
    place("430104", &["34", "36"], &["36"]),
    place("360111", &["34"], &[]),
    place("350206", &["33"], &[]),
    place("440112", &["33", "36"], &["36"]),
    place("440306", &["33", "36"], &["36"]),
    place("441900", &["33", "36"], &["36"]),
    place("130102", &["37"], &["32", "37"]),
    place("120116", &["37"], &["32", "37"]),
    place("110115", &["37", "13"], &["32", "37", "13"]),
    place("210213", &["37", "13"], &["32", "37", "13"]),
    place("510107", &["34", "42", "50"], &["34", "42", "50"]),
    place("500112", &["34", "42"], &["34", "42"]),
    place("610113", &["34", "41"], &["34", "41"]),
];

pub(super) const INDUSTRIES: &[Kind] = &[
    kind(1, &["汽车零部件", "汽车内饰", "汽车电子"]),
    kind(2, &["半导体", "微电子", "集成电路封测"]),
    kind(3, &["光电科技", "电子科技", "显示技术"]),
    kind(4, &["精密机械", "装备制造", "自动化设备"]),
    kind(5, &["农资", "种业", "饲料"]),
    kind(6, &["食品", "粮油", "乳业", "冷链物流"]),
    kind(7, &["药业", "医药物流", "生物制药"]),
    kind(8, &["医疗器械", "诊断试剂", "卫生材料"]),
    kind(9, &["婴童食品", "营养品"]),
    kind(10, &["日用品", "纸业", "商贸"]),
    kind(11, &["能源", "燃气", "石化物流"]),
    kind(12, &["快递", "速运", "供应链"]),
    kind(255, &["建材", "包装材料"]),
];

pub(super) const CARGO: &[Kind] = &[
    kind(1, &["变速箱总成", "汽车座椅", "线束", "车身冲压件"]),
    kind(2, &["晶圆", "封装基板", "电子特气"]),
    kind(3, &["笔记本电脑", "液晶模组", "手机中框"]),
    kind(4, &["数控机床", "工业机器人", "减速机"]),
    kind(5, &["尿素", "水稻种子", "配合饲料"]),
    kind(6, &["大米", "食用油", "鲜奶", "速冻食品", "蔬菜"]),
    kind(7, &["注射液", "胰岛素（冷藏）", "中成药"]),
    kind(8, &["核酸检测试剂", "医用防护服", "疫苗（冷藏）"]),
    kind(9, &["婴儿配方奶粉", "婴儿米粉"]),
    kind(10, &["卫生纸", "洗涤用品", "瓶装水"]),
    kind(11, &["液化天然气", "柴油", "煤炭"]),
    kind(12, &["邮件", "快件"]),
    kind(255, &["包装纸箱", "水泥"]),
];

pub(super) const BRANDS: &[&str] = &[
    "恒达",
    "瑞丰",
    "华远",
    "新宇",
    "鼎盛",
    "金桥",
    "宏泰",
    "安捷",
    "联创",
    "东吴",
    "正和",
    "天成",
    "永信",
    "嘉禾",
    "远航",
    "博源",
    "启明",
    "盛世",
    "百川",
    "融通",
    "万里",
    "明德",
    "同辉",
    "佳顺",
    "汇丰源",
    "振兴",
    "九州通达",
    "江南春",
    "顺安",
    "中晟",
];

pub(super) const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "林", "高",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "萧", "田", "董", "袁", "潘", "于",
    "蒋", "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆",
    "汪", "范", "欧阳",
];

pub(super) const GIVEN: &[&str] = &[
    "伟", "强", "磊", "军", "洋", "勇", "杰", "涛", "超", "明", "刚", "平", "辉", "鹏", "华", "飞", "鑫", "波", "斌",
    "宇", "浩", "凯", "健", "俊", "帆", "帅", "旭", "宁", "龙", "林", "欢", "阳", "建", "国", "志", "文", "海", "德",
    "金", "成", "永", "荣", "春", "红", "玉", "兰", "芳", "敏", "静", "丽", "艳", "娟", "霞", "秀", "燕", "玲", "桂",
    "英", "梅", "生",
];

/// Characters that stand in real names and in few fonts.
pub(super) const RARE: &[&str] = &["䶮", "𬭎", "喆", "堃", "昇", "玥"];

pub(super) const MINORITY_GIVEN: &[&str] =
    &["阿依努尔", "迪丽拜尔", "艾克拜尔", "古丽娜尔", "买合木提", "吐尔逊江", "巴合提", "努尔兰"];

pub(super) const MINORITY_FAMILY: &[&str] = &["买买提", "吐尔逊", "阿不都热合曼", "哈力克", "木拉提", "依布拉音"];

pub(super) const MOBILES: &[&str] = &[
    "130", "131", "132", "133", "135", "136", "137", "138", "139", "150", "151", "152", "153", "155", "156", "158",
    "159", "177", "180", "181", "182", "183", "185", "186", "187", "188", "189", "199",
];

/// Counties where drivers come from.
pub(super) const HOMES: &[&str] = &[
    "320382", "320826", "321322", "321323", "320981", "341221", "341222", "411422", "411625", "410325", "371321",
    "370829", "360733", "511321", "610528", "622424", "430521", "420984", "130429", "220122",
];
