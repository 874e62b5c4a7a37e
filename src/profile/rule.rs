//! The rules that a typed value can break, each with a stable code and its words in two languages.
//!
//! A rule carries bounds, years and examples, never a piece of the value: what it says may go to logs.

/// A rule that a value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Nothing was given.
    Missing,
    /// More characters than any such value has.
    TooLong {
        /// The most characters.
        most: usize,
    },
    /// Fewer characters than any such value has.
    TooShort {
        /// The fewest characters.
        least: usize,
    },
    /// More bytes of UTF-8 than a pass has room for.
    TooManyBytes {
        /// The most bytes.
        most: usize,
    },
    /// A character that values of this kind never hold.
    CharacterNotAllowed,
    /// An invisible, direction-changing or private-use character.
    ForbiddenCharacter {
        /// Its code point.
        point: u32,
    },
    /// A name without a letter.
    NoLetter,
    /// A digit must stand here.
    DigitExpected,
    /// The check digit does not fit the rest.
    CheckDigit,

    /// The first character is no province's sign.
    ProvinceSign,
    /// The second character is not the letter of a registering office.
    PrefectureLetter,
    /// I and O stand in no plate.
    LetterIOrO,
    /// Neither digit nor letter in the serial of a plate.
    SerialCharacter,
    /// A plate of eight characters without a new-energy letter in its place.
    NewEnergyLetter,
    /// 港 and 澳 only end plates that begin with 粤Z.
    HongKongMacaoPlate,
    /// A plate that ends in 挂 belongs to a trailer.
    TrailerPlate,
    /// A trailer's plate ends in 挂.
    NotATrailerPlate,

    /// An ID number of the first generation.
    OldIdNumber,
    /// An ID number has 18 characters.
    IdLength,
    /// No division ever had the code that the number begins with.
    IdDivision,
    /// The second and third digit of a foreign resident's number name no province.
    IdProvince,
    /// The date of birth is no date.
    BirthDate,
    /// The date of birth is still to come.
    BirthInFuture,
    /// Nobody born then drives.
    BirthTooEarly,
    /// A permit of Hong Kong and Macao residents begins with H or M.
    PermitPrefix,
    /// A permit has 8 or 10 digits.
    PermitLength,
    /// No such kind of paper here.
    PaperKind,

    /// A mobile number begins with 13 to 19.
    MobilePrefix,
    /// A mobile number has 11 digits.
    MobileLength,
    /// No phone number of this country.
    PhoneNumber,

    /// Not a division's code.
    DivisionForm,
    /// No division has this code.
    DivisionUnknown,
    /// No division has this code any more.
    DivisionAbolished {
        /// The year of its end.
        year: u16,
    },
    /// A heading of the table, no place.
    DivisionHeading,
    /// A development zone or another code outside GB/T 2260.
    DevelopmentZone,
    /// A code that stands in residence permits only.
    ResidencePermitCode,
    /// An end of a route must name a county.
    NeedsCounty {
        /// How many counties it has.
        counties: usize,
        /// Code of the first of them.
        code: u32,
        /// Its name.
        name: &'static str,
    },
    /// Only a nation, a province or a prefecture signs passes.
    CountySignsNothing,

    /// Milliseconds where seconds are meant.
    Milliseconds,
    /// Seconds before 2020 or after 2106.
    TimeOutOfBounds,
    /// Neither `2026-12-01 08:00` nor RFC 3339.
    TimeForm,
}

impl Rule {
    /// The stable code of the rule, for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Rule::Missing => "missing",
            Rule::TooLong { .. } => "too_long",
            Rule::TooShort { .. } => "too_short",
            Rule::TooManyBytes { .. } => "too_many_bytes",
            Rule::CharacterNotAllowed => "character_not_allowed",
            Rule::ForbiddenCharacter { .. } => "forbidden_character",
            Rule::NoLetter => "no_letter",
            Rule::DigitExpected => "digit_expected",
            Rule::CheckDigit => "check_digit",
            Rule::ProvinceSign => "province_sign",
            Rule::PrefectureLetter => "prefecture_letter",
            Rule::LetterIOrO => "letter_i_or_o",
            Rule::SerialCharacter => "serial_character",
            Rule::NewEnergyLetter => "new_energy_letter",
            Rule::HongKongMacaoPlate => "hong_kong_macao_plate",
            Rule::TrailerPlate => "trailer_plate",
            Rule::NotATrailerPlate => "not_a_trailer_plate",
            Rule::OldIdNumber => "old_id_number",
            Rule::IdLength => "id_length",
            Rule::IdDivision => "id_division",
            Rule::IdProvince => "id_province",
            Rule::BirthDate => "birth_date",
            Rule::BirthInFuture => "birth_in_future",
            Rule::BirthTooEarly => "birth_too_early",
            Rule::PermitPrefix => "permit_prefix",
            Rule::PermitLength => "permit_length",
            Rule::PaperKind => "paper_kind",
            Rule::MobilePrefix => "mobile_prefix",
            Rule::MobileLength => "mobile_length",
            Rule::PhoneNumber => "phone_number",
            Rule::DivisionForm => "division_form",
            Rule::DivisionUnknown => "division_unknown",
            Rule::DivisionAbolished { .. } => "division_abolished",
            Rule::DivisionHeading => "division_heading",
            Rule::DevelopmentZone => "development_zone",
            Rule::ResidencePermitCode => "residence_permit_code",
            Rule::NeedsCounty { .. } => "needs_county",
            Rule::CountySignsNothing => "county_signs_nothing",
            Rule::Milliseconds => "milliseconds",
            Rule::TimeOutOfBounds => "time_out_of_bounds",
            Rule::TimeForm => "time_form",
        }
    }

    /// What is wrong and what to do, in English.
    pub fn english(self) -> String {
        let fixed = match self {
            Rule::TooLong { most } => return format!("too long: at most {most} characters"),
            Rule::TooShort { least } => return format!("too short: at least {least} characters"),
            Rule::TooManyBytes { most } => return format!("too long: at most {most} bytes of UTF-8"),
            Rule::ForbiddenCharacter { point } => {
                return format!("the invisible or private character U+{point:04X} may not stand here; type it anew");
            }
            Rule::DivisionAbolished { year } => {
                return format!("this division was abolished in {year}; name the one that took its place");
            }
            Rule::NeedsCounty { counties, code, name } => {
                return format!(
                    "a journey begins and ends in a county or district: name one of the {counties} in this division, \
                     such as {code} {name}"
                );
            }
            Rule::Missing => "this field must be filled in",
            Rule::CharacterNotAllowed => "this character may not stand here",
            Rule::NoLetter => "a name holds at least one letter",
            Rule::DigitExpected => "a digit must stand here",
            Rule::CheckDigit => "the check digit does not fit: a character was mistyped; compare with the document",
            Rule::ProvinceSign => "a plate begins with the sign of a province, such as 苏",
            Rule::PrefectureLetter => "the letter of the registering office must stand here: A to Z without I and O",
            Rule::LetterIOrO => "the letters I and O stand in no plate; is it 1 or 0?",
            Rule::SerialCharacter => "a digit or a letter must stand here",
            Rule::NewEnergyLetter => {
                "a plate of eight characters is a new-energy plate: one of A B C D E F G H J K stands in the third place \
                 (small vehicles) or in the last (large ones)"
            }
            Rule::HongKongMacaoPlate => "港 and 澳 end only plates that begin with 粤Z",
            Rule::TrailerPlate => "a plate that ends in 挂 belongs to a trailer; enter the tractor's own",
            Rule::NotATrailerPlate => "a trailer's plate ends in 挂",
            Rule::OldIdNumber => "ID numbers of 15 digits are no longer valid; enter the 18 characters of the card",
            Rule::IdLength => "an ID number has 18 characters",
            Rule::IdDivision => "no division ever had the code of the first six digits; compare with the card",
            Rule::IdProvince => "the second and third digit name no province; compare with the card",
            Rule::BirthDate => "digits 7 to 14 are no date of birth; compare with the card",
            Rule::BirthInFuture => "the date of birth (digits 7 to 14) is still to come",
            Rule::BirthTooEarly => "the date of birth (digits 7 to 14) is too long ago",
            Rule::PermitPrefix => "this permit's number begins with H (Hong Kong) or M (Macao)",
            Rule::PermitLength => "this permit's number has 8 or 10 digits",
            Rule::PaperKind => "no paper of this kind is accepted here; name its number or its name",
            Rule::MobilePrefix => "a mobile number begins with 13 to 19",
            Rule::MobileLength => "a mobile number has 11 digits, with or without +86 before them",
            Rule::PhoneNumber => "neither a mobile number nor a land line with its area code",
            Rule::DivisionForm => "this is no code of a division",
            Rule::DivisionUnknown => "no division has this code",
            Rule::DivisionHeading => "this code is a heading of the table, not a place; name a place under it",
            Rule::DevelopmentZone => "this code is a development zone's, not in GB/T 2260; name the county around it",
            Rule::ResidencePermitCode => "this code stands in residence permits only; it is no division",
            Rule::CountySignsNothing => "a county signs nothing; name a prefecture, a province, or 0 for the nation",
            Rule::Milliseconds => "this time is in milliseconds; times are in seconds",
            Rule::TimeOutOfBounds => "not between 2020-01-01 and 2106-02-07; times are seconds since 1970",
            Rule::TimeForm => "write a time as 2026-12-01 08:00, or as 2026-12-01T08:00:00+08:00",
        };
        fixed.to_owned()
    }

    /// The same in Chinese.
    pub fn chinese(self) -> String {
        let fixed = match self {
            Rule::TooLong { most } => return format!("过长：最多 {most} 个字符"),
            Rule::TooShort { least } => return format!("过短：至少 {least} 个字符"),
            Rule::TooManyBytes { most } => return format!("过长：UTF-8 编码最多 {most} 字节"),
            Rule::ForbiddenCharacter { point } => {
                return format!("含不可见或私用字符 U+{point:04X}，请重新输入");
            }
            Rule::DivisionAbolished { year } => return format!("该行政区划已于 {year} 年撤销，请填写现行区划"),
            Rule::NeedsCounty { counties, code, name } => {
                return format!(
                    "起点和终点应具体到县（区、市）：请填写其下 {counties} 个县级区划之一，如 {code} {name}"
                );
            }
            Rule::Missing => "此项必填",
            Rule::CharacterNotAllowed => "此处不能使用该字符",
            Rule::NoLetter => "姓名至少应含一个文字",
            Rule::DigitExpected => "此处应为数字",
            Rule::CheckDigit => "校验码不符：有字符录入错误，请与证件核对",
            Rule::ProvinceSign => "车牌首位应为省、自治区、直辖市简称，如“苏”",
            Rule::PrefectureLetter => "此处应为发牌机关代号：A 至 Z，不含 I 和 O",
            Rule::LetterIOrO => "车牌不使用字母 I 和 O，请核对是否为数字 1 或 0",
            Rule::SerialCharacter => "此处应为数字或字母",
            Rule::NewEnergyLetter => "八位车牌为新能源车牌：小型车第三位、大型车末位应为 A B C D E F G H J K 之一",
            Rule::HongKongMacaoPlate => "“港”“澳”仅用于粤Z 车牌",
            Rule::TrailerPlate => "以“挂”结尾的是挂车车牌，请填写牵引车车牌",
            Rule::NotATrailerPlate => "挂车车牌应以“挂”结尾",
            Rule::OldIdNumber => "15 位旧身份证号已停用，请填写 18 位号码",
            Rule::IdLength => "身份证号应为 18 位",
            Rule::IdDivision => "前六位不是任何时期的行政区划代码，请与证件核对",
            Rule::IdProvince => "第二、三位不是省级代码，请与证件核对",
            Rule::BirthDate => "第 7 至 14 位不是有效的出生日期，请与证件核对",
            Rule::BirthInFuture => "出生日期（第 7 至 14 位）晚于今天",
            Rule::BirthTooEarly => "出生日期（第 7 至 14 位）过早",
            Rule::PermitPrefix => "港澳居民来往内地通行证号码以 H 或 M 开头",
            Rule::PermitLength => "通行证号码应为 8 位或 10 位数字",
            Rule::PaperKind => "不接受此类证件，请填写证件类型的编号或名称",
            Rule::MobilePrefix => "手机号码应以 13 至 19 开头",
            Rule::MobileLength => "手机号码应为 11 位，可带 +86",
            Rule::PhoneNumber => "不是手机号码，也不是带区号的固定电话",
            Rule::DivisionForm => "不是行政区划代码",
            Rule::DivisionUnknown => "没有此行政区划代码",
            Rule::DivisionHeading => "该代码是汇总项，不是实际区划，请填写其下的区划",
            Rule::DevelopmentZone => "该代码属于开发区等，不在 GB/T 2260 中，请填写所在县区",
            Rule::ResidencePermitCode => "该代码仅用于居住证，不是行政区划",
            Rule::CountySignsNothing => "县级不签发通行证，请填写市级、省级区划，或以 0 表示全国",
            Rule::Milliseconds => "时间单位应为秒，此值为毫秒",
            Rule::TimeOutOfBounds => "时间应在 2020-01-01 至 2106-02-07 之间，以 1970 年起的秒数表示",
            Rule::TimeForm => "时间请写作 2026-12-01 08:00 或 2026-12-01T08:00:00+08:00",
        };
        fixed.to_owned()
    }
}
