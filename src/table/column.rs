//! The columns that the verbs know: what each is called, and which field of the protocol it is.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of the fields in proto")]
pub enum Column {
    EnterpriseCode,
    EnterpriseName,
    ContactName,
    ContactPhone,
    Industry,
    CodeWaiver,
    Tractor,
    Trailer,
    Crew(usize, CrewColumn),
    Authority,
    Programme,
    GrossMass,
    CargoCategory,
    CargoDescription,
    CargoMass,
    Origin,
    Destination,
    Via,
    PlannedStart,
    PlannedEnd,
    Leg,
    Evidence(usize, EvidenceColumn),
}

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The number of a paper or of an enterprise: text in any case, since a spreadsheet rounds it and drops its zeros.
    Identifier,
    /// Names, plates, phones, words: the service reads them as they were typed.
    Words,
    /// A moment: a cell with a date is one too.
    Moment,
    /// A number, or one of some values, in any width.
    Plain,
}

/// What a column says about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of the fields in proto")]
pub enum CrewColumn {
    Name,
    PaperKind,
    PaperNumber,
    Mobile,
    Role,
}

/// What a column says about a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceColumn {
    /// What it is.
    Kind,
    /// When it was taken or signed.
    Taken,
    /// For how many hours it counts from then.
    ValidHours,
    /// Who made it.
    Issuer,
    /// Whom it is about: 1 is the row's first person.
    Person,
}

impl EvidenceColumn {
    /// All that is said about one.
    pub const ALL: [EvidenceColumn; 5] = [
        EvidenceColumn::Kind,
        EvidenceColumn::Taken,
        EvidenceColumn::ValidHours,
        EvidenceColumn::Issuer,
        EvidenceColumn::Person,
    ];
}

/// People in a row.
pub const CREW: usize = 3;
/// Pieces of evidence in a row: a test of the driver, the waybill, and one more. The service takes more of them.
pub const EVIDENCE: usize = 3;

impl Column {
    /// Every column, in the order in which tables of ours are written, with its Chinese and its English header.
    pub fn all() -> Vec<(Column, String, String)> {
        use Column as C;
        let plain = |column, zh: &str, en: &str| (column, zh.to_owned(), en.to_owned());
        let mut all = vec![
            plain(C::EnterpriseCode, "统一社会信用代码", "enterprise code"),
            plain(C::EnterpriseName, "企业名称", "enterprise name"),
            plain(C::ContactName, "联系人", "contact name"),
            plain(C::ContactPhone, "联系电话", "contact phone"),
            plain(C::Industry, "重点行业", "industry"),
            plain(C::CodeWaiver, "代码校验豁免理由", "code waiver reason"),
            plain(C::Tractor, "牵引车号牌", "tractor"),
            plain(C::Trailer, "挂车号牌", "trailer"),
        ];
        for at in 0..CREW {
            for (column, zh, en) in [
                (CrewColumn::Name, "姓名", "name"),
                (CrewColumn::PaperKind, "证件类型", "paper kind"),
                (CrewColumn::PaperNumber, "证件号码", "paper number"),
                (CrewColumn::Mobile, "手机号", "mobile"),
                (CrewColumn::Role, "角色", "role"),
            ] {
                let (zh, en) = (format!("人员{}{zh}", at + 1), format!("crew {} {en}", at + 1));
                all.push((C::Crew(at, column), zh, en));
            }
        }
        all.extend([
            plain(C::Authority, "受理机关代码", "authority"),
            plain(C::Programme, "专项编号", "programme"),
            plain(C::GrossMass, "总质量kg", "gross mass kg"),
            plain(C::CargoCategory, "货物类别", "cargo category"),
            plain(C::CargoDescription, "货物名称", "cargo description"),
            plain(C::CargoMass, "货物质量kg", "cargo mass kg"),
            plain(C::Origin, "起运地", "origin"),
            plain(C::Destination, "到达地", "destination"),
            plain(C::Via, "途经", "via"),
            plain(C::PlannedStart, "计划出发时间", "planned start"),
            plain(C::PlannedEnd, "计划到达时间", "planned end"),
            plain(C::Leg, "行程", "leg"),
        ]);
        for at in 0..EVIDENCE {
            for (column, zh, en) in [
                (EvidenceColumn::Kind, "类型", "kind"),
                (EvidenceColumn::Taken, "出具时间", "taken"),
                (EvidenceColumn::ValidHours, "有效小时", "valid hours"),
                (EvidenceColumn::Issuer, "出具单位", "issuer"),
                (EvidenceColumn::Person, "人员", "person"),
            ] {
                let (zh, en) = (format!("证明{}{zh}", at + 1), format!("evidence {} {en}", at + 1));
                all.push((C::Evidence(at, column), zh, en));
            }
        }
        all
    }

    /// The path of the field as the protocol names it.
    pub fn field(self) -> String {
        use Column as C;
        let name = match self {
            C::EnterpriseCode => "enterprise_code",
            C::EnterpriseName => "enterprise_name",
            C::ContactName => "contact_name",
            C::ContactPhone => "contact_phone",
            C::Industry => "industry",
            C::CodeWaiver => "code_waiver_reason",
            C::Tractor => "tractor",
            C::Trailer => "trailer",
            C::Authority => "authority",
            C::Programme => "programme",
            C::GrossMass => "gross_mass_kg",
            C::CargoCategory => "cargo_category",
            C::CargoDescription => "cargo_description",
            C::CargoMass => "cargo_mass_kg",
            C::Origin => "route.origin",
            C::Destination => "route.destination",
            C::Via => "route.via",
            C::PlannedStart => "planned_start_time",
            C::PlannedEnd => "planned_end_time",
            C::Leg => "leg",
            C::Crew(at, of) => {
                let of = match of {
                    CrewColumn::Name => "name",
                    CrewColumn::PaperKind => "paper_kind",
                    CrewColumn::PaperNumber => "paper_number",
                    CrewColumn::Mobile => "mobile",
                    CrewColumn::Role => "role",
                };
                return format!("crew[{at}].{of}");
            }
            C::Evidence(at, of) => {
                let of = match of {
                    EvidenceColumn::Kind => "kind",
                    EvidenceColumn::Taken => "taken_time",
                    EvidenceColumn::ValidHours => "valid_for",
                    EvidenceColumn::Issuer => "issuer",
                    EvidenceColumn::Person => "person",
                };
                return format!("evidence[{at}].{of}");
            }
        };
        name.to_owned()
    }

    /// How its cells are read.
    pub fn kind(self) -> Kind {
        use Column as C;
        match self {
            C::EnterpriseCode | C::Crew(_, CrewColumn::PaperNumber) => Kind::Identifier,
            C::PlannedStart | C::PlannedEnd | C::Evidence(_, EvidenceColumn::Taken) => Kind::Moment,
            C::Industry
            | C::Authority
            | C::Programme
            | C::GrossMass
            | C::CargoCategory
            | C::CargoMass
            | C::Origin
            | C::Destination
            | C::Via
            | C::Leg
            | C::Crew(_, CrewColumn::PaperKind | CrewColumn::Role)
            | C::Evidence(_, EvidenceColumn::Kind | EvidenceColumn::ValidHours | EvidenceColumn::Person) => Kind::Plain,
            C::EnterpriseName
            | C::ContactName
            | C::ContactPhone
            | C::CodeWaiver
            | C::Tractor
            | C::Trailer
            | C::Crew(_, CrewColumn::Name | CrewColumn::Mobile)
            | C::CargoDescription
            | C::Evidence(_, EvidenceColumn::Issuer) => Kind::Words,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_column_has_headers_and_a_field_of_its_own() {
        let all = Column::all();
        let different = |names: BTreeSet<String>| assert_eq!(names.len(), all.len());
        different(all.iter().map(|(_, zh, _)| zh.clone()).collect());
        different(all.iter().map(|(_, _, en)| en.clone()).collect());
        different(all.iter().map(|(column, ..)| column.field()).collect());
    }
}
