//! A status as the answer for one item of a batch.

use tonic::Status;
use tonic_types::StatusExt;

use crate::rpc::proto;

/// The same answer for one item of a batch.
pub fn item_error(status: &Status) -> proto::ItemError {
    let details = status.get_error_details();
    let info = details.error_info();
    let problems = details
        .bad_request()
        .map(|bad| bad.field_violations.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|violation| {
            let rule = violation.reason.to_ascii_lowercase();
            let message = violation.description.strip_suffix(&format!(" ({rule})")).unwrap_or(&violation.description);
            proto::FieldProblem {
                field: violation.field.clone(),
                message: message.to_owned(),
                message_zh: violation.localized_message.as_ref().map(|zh| zh.message.clone()).unwrap_or_default(),
                rule,
            }
        })
        .collect();
    proto::ItemError {
        code: status.code().into(),
        reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
        message: status.message().to_owned(),
        problems,
        metadata: info.map(|info| info.metadata.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::super::invalid;
    use super::*;
    use crate::problem::FieldProblem;

    #[test]
    fn an_item_of_a_batch_says_what_the_status_says() {
        let status =
            invalid(&[FieldProblem::new("tractor", "plate", "not a plate (GA 36)").in_chinese("不是车牌".into())]);
        let item = item_error(&status);
        assert_eq!(item.code, Code::InvalidArgument as i32);
        assert_eq!(item.reason, "FIELDS_INVALID");
        assert_eq!(
            item.problems,
            [proto::FieldProblem {
                field: "tractor".into(),
                rule: "plate".into(),
                message: "not a plate (GA 36)".into(),
                message_zh: "不是车牌".into(),
            }]
        );
    }
    #[test]
    fn rule_survives_a_message_that_is_cut() {
        let item = item_error(&invalid(&[FieldProblem::new("tractor", "plate", "x".repeat(1_000))]));
        assert_eq!(item.problems[0].rule, "plate");
        assert!(item.problems[0].message.starts_with("xxx"));
    }
}
