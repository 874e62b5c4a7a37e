//! The papers of drivers and passengers: which kinds there are, and what their numbers look like.

use jiff::civil::Date;

use super::id_number::id_number;
use crate::profile::typed::compact;
use crate::profile::{FieldError, Paper, PaperKind, Rule, passport};

/// Digits of a travel permit: 8 for life, with or without the 2 of its issue.
const PERMIT_DIGITS: [usize; 2] = [8, 10];

/// Checks the number of a paper of that kind.
pub(super) fn paper(kind: PaperKind, number: &str, today: Date) -> Result<Paper, FieldError> {
    let number = match kind {
        PaperKind::IdentityCard => id_number(number, today)?,
        PaperKind::Passport => passport::number(number)?,
        PaperKind::HongKongMacaoPermit => hong_kong_macao_permit(number)?,
        PaperKind::TaiwanPermit => taiwan_permit(number)?,
    };
    Ok(Paper { kind, number })
}

/// The kind that a cell of a table means. An empty cell means the identity card, which nearly everybody has.
pub(super) fn kind(text: &str) -> Result<PaperKind, FieldError> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        ""
        | "身份证"
        | "居民身份证"
        | "二代身份证"
        | "港澳台居民居住证"
        | "居住证"
        | "外国人永久居留身份证"
        | "永居证" => Ok(PaperKind::IdentityCard),
        "护照" => Ok(PaperKind::Passport),
        "港澳居民来往内地通行证" | "港澳通行证" | "回乡证" => Ok(PaperKind::HongKongMacaoPermit),
        "台湾居民来往大陆通行证" | "台湾通行证" | "台胞证" => Ok(PaperKind::TaiwanPermit),
        other => PaperKind::by_text(other).ok_or(FieldError::whole(Rule::PaperKind)),
    }
}

/// H (Hong Kong) or M (Macao), then 8 or 10 digits.
fn hong_kong_macao_permit(text: &str) -> Result<String, FieldError> {
    let number = compact(text)?;
    match number.strip_prefix(['H', 'M']) {
        Some(digits) => permit_digits(digits, 2)?,
        None => return Err(FieldError::at(Rule::PermitPrefix, 1)),
    }
    Ok(number)
}

/// 8 or 10 digits.
fn taiwan_permit(text: &str) -> Result<String, FieldError> {
    let number = compact(text)?;
    permit_digits(&number, 1)?;
    Ok(number)
}

/// `first` is the place of the first digit in the whole number.
fn permit_digits(digits: &str, first: usize) -> Result<(), FieldError> {
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_digit()) {
        return Err(FieldError::at(Rule::DigitExpected, at + first));
    }
    if PERMIT_DIGITS.contains(&digits.len()) { Ok(()) } else { Err(FieldError::whole(Rule::PermitLength)) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn number(kind: PaperKind, text: &str) -> Result<String, FieldError> {
        paper(kind, text, date(2026, 12, 1)).map(|paper| paper.number)
    }

    #[test]
    fn permits_have_their_letters_and_digits() {
        let permit = |text| number(PaperKind::HongKongMacaoPermit, text);
        assert_eq!(permit("h01234567").as_deref(), Ok("H01234567"));
        assert_eq!(permit("M 0123456701").as_deref(), Ok("M0123456701"));
        assert_eq!(permit("A01234567"), Err(FieldError::at(Rule::PermitPrefix, 1)));
        assert_eq!(permit("H0123456"), Err(FieldError::whole(Rule::PermitLength)));
        assert_eq!(permit("H012345678"), Err(FieldError::whole(Rule::PermitLength)));
        assert_eq!(permit("H0123A567"), Err(FieldError::at(Rule::DigitExpected, 6)));
        let permit = |text| number(PaperKind::TaiwanPermit, text);
        assert_eq!(permit("01234567").as_deref(), Ok("01234567"));
        assert_eq!(permit("0123456789").as_deref(), Ok("0123456789"));
        assert_eq!(permit("012345678"), Err(FieldError::whole(Rule::PermitLength)));
        assert_eq!(permit("L1234567"), Err(FieldError::at(Rule::DigitExpected, 1)));
    }

    #[test]
    fn kinds_are_known_by_number_and_name() {
        for (text, expected) in [
            ("", PaperKind::IdentityCard),
            (" 身份证 ", PaperKind::IdentityCard),
            ("1", PaperKind::IdentityCard),
            ("港澳台居民居住证", PaperKind::IdentityCard),
            ("护照", PaperKind::Passport),
            ("Passport", PaperKind::Passport),
            ("回乡证", PaperKind::HongKongMacaoPermit),
            ("hong_kong_macao_permit", PaperKind::HongKongMacaoPermit),
            ("台胞证", PaperKind::TaiwanPermit),
            ("4", PaperKind::TaiwanPermit),
        ] {
            assert_eq!(kind(text), Ok(expected), "{text}");
        }
        for bad in ["0", "5", "驾驶证", "x"] {
            assert_eq!(kind(bad), Err(FieldError::whole(Rule::PaperKind)), "{bad}");
        }
    }
}
