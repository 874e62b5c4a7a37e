//! One working call of each method: as whom, with what. Variables are those that the page explains.

/// A call as the page shows it and the test makes it.
pub struct Call {
    /// `PassService/GetPass`.
    pub method: &'static str,
    /// File of the caller's development certificate below `pki/officers`; none on the public listener.
    pub officer: Option<&'static str>,
    /// The request in JSON.
    pub request: &'static str,
}

const APPLICANT: Option<&str> = Some("$ENTERPRISE.desk");
const CHIEF: Option<&str> = Some("CN-3205.chief");
const CLERK: Option<&str> = Some("CN-320583.clerk");
const OPERATOR: Option<&str> = Some("CN-32.ops");

const fn call(method: &'static str, officer: Option<&'static str>, request: &'static str) -> Call {
    Call { method, officer, request }
}

/// In the order of the flow.
pub const CALLS: &[Call] = &[
    call(
        "WhitelistService/ImportEntries",
        CHIEF,
        r#"{
  "request_id": "$(new)",
  "rows": [{
    "line": 2, "enterprise_code": "$ENTERPRISE", "enterprise_name": "昆山第1物流有限公司",
    "contact_name": "李四", "contact_phone": "0512-57000000", "industry": "2", "tractor": "苏E90001",
    "crew": [{"name": "张三", "paper_number": "$DRIVER", "mobile": "13800000001"}]
  }]
}"#,
    ),
    call("WhitelistService/GetEnterprise", CHIEF, r#"{"code": "$ENTERPRISE"}"#),
    call(
        "WhitelistService/ListEnterprises",
        CHIEF,
        r#"{"filter": {"industry": "CATEGORY_INTEGRATED_CIRCUITS"}, "page_size": 3}"#,
    ),
    call(
        "ProgrammeService/SetProgrammeRules",
        CHIEF,
        r#"{"request_id": "$(new)", "authority": "CN-3205", "programme": 1}"#,
    ),
    call("ProgrammeService/ListProgrammeRules", APPLICANT, r#"{"filter": {"programme": 1}}"#),
    call(
        "ApplicationService/SubmitApplication",
        APPLICANT,
        r#"{
  "request_id": "$(new)",
  "form": {
    "authority": "CN-3205", "programme": 1, "enterprise_code": "$ENTERPRISE", "tractor": "苏E90001",
    "gross_mass_kg": 38000,
    "crew": [{
      "name": "张三", "paper_kind": "PAPER_KIND_IDENTITY_CARD", "paper_number": "$DRIVER", "mobile": "13800000001",
      "role": "CREW_ROLE_DRIVER"
    }],
    "cargo_category": "CATEGORY_INTEGRATED_CIRCUITS", "cargo_description": "晶圆", "cargo_mass_kg": 12000,
    "route": {"origin": "320583", "destination": "330102", "via": ["3205", "33"]},
    "planned_start_time": "$(date -u +%FT%TZ)", "planned_end_time": "$(date -u -d '2 days' +%FT%TZ)",
    "leg": "LEG_LOADED"
  }
}"#,
    ),
    call(
        "ApplicationService/BatchSubmitApplications",
        APPLICANT,
        r#"{
  "request_id": "$(new)",
  "forms": [{
    "authority": "CN-3205", "programme": 1, "enterprise_code": "$ENTERPRISE", "tractor": "苏E90001",
    "gross_mass_kg": 21000,
    "crew": [{
      "name": "张三", "paper_kind": "PAPER_KIND_IDENTITY_CARD", "paper_number": "$DRIVER", "mobile": "13800000001",
      "role": "CREW_ROLE_DRIVER"
    }],
    "cargo_category": "CATEGORY_FOOD", "cargo_description": "大米", "cargo_mass_kg": 9000,
    "route": {"origin": "330102", "destination": "320583"},
    "planned_start_time": "$(date -u -d '3 days' +%FT%TZ)", "planned_end_time": "$(date -u -d '4 days' +%FT%TZ)",
    "leg": "LEG_RETURN"
  }]
}"#,
    ),
    call("ApplicationService/GetApplication", APPLICANT, r#"{"application_id": "$APPLICATION"}"#),
    call(
        "ApplicationService/ListApplications",
        CHIEF,
        r#"{"filter": {"state": "APPLICATION_STATE_SUBMITTED"}, "page_size": 3}"#,
    ),
    call(
        "ApplicationService/WithdrawApplication",
        APPLICANT,
        r#"{"request_id": "$(new)", "application_id": "$APPLICATION"}"#,
    ),
    call(
        "ApprovalService/RecommendApplication",
        CLERK,
        r#"{"request_id": "$(new)", "application_id": "$APPLICATION", "comment": "wafers for the plant in Kunshan"}"#,
    ),
    call("ApprovalService/ApproveApplication", CHIEF, r#"{"request_id": "$(new)", "application_id": "$APPLICATION"}"#),
    call(
        "ApprovalService/BatchApproveApplications",
        CHIEF,
        r#"{"request_id": "$(new)", "application_ids": ["$APPLICATION"], "decide_only": true}"#,
    ),
    call(
        "ApprovalService/RejectApplication",
        CHIEF,
        r#"{"request_id": "$(new)", "application_id": "$APPLICATION", "reason": "REJECTION_REASON_DUPLICATE"}"#,
    ),
    call(
        "ApprovalService/BatchRejectApplications",
        CHIEF,
        r#"{
  "request_id": "$(new)", "application_ids": ["$APPLICATION"], "reason": "REJECTION_REASON_EVIDENCE",
  "reason_text": "the test is older than 48 hours"
}"#,
    ),
    call("PassService/IssuePass", CHIEF, r#"{"request_id": "$(new)", "application_id": "$DECIDED"}"#),
    call("PassService/GetPass", CHIEF, r#"{"pass_number": "$PASS"}"#),
    call("PassService/ListPasses", CHIEF, r#"{"filter": {"tractor": "苏E00001"}, "page_size": 3}"#),
    call(
        "ArrivalService/AnnounceArrival",
        APPLICANT,
        r#"{
  "request_id": "$(new)", "pass_number": "$PASS", "expected_time": "$(date -u -d '1 day' +%FT%TZ)",
  "consignee": "杭州第一医院"
}"#,
    ),
    call(
        "ArrivalService/ReportArrival",
        APPLICANT,
        r#"{"request_id": "$(new)", "pass_number": "$PASS", "arrival_time": "$(date -u +%FT%TZ)", "place": "330102"}"#,
    ),
    call("ArrivalService/ListArrivals", CHIEF, r#"{"page_size": 3}"#),
    call(
        "RevocationService/RevokePass",
        CHIEF,
        r#"{"request_id": "$(new)", "pass_number": "$PASS", "reason": "STATUS_REASON_ISSUED_IN_ERROR"}"#,
    ),
    call(
        "RevocationService/SuspendPass",
        CHIEF,
        r#"{"request_id": "$(new)", "pass_number": "$PASS", "reason": "STATUS_REASON_INVESTIGATION"}"#,
    ),
    call(
        "RevocationService/ResumePass",
        CHIEF,
        r#"{"request_id": "$(new)", "pass_number": "$SUSPENDED", "reason": "STATUS_REASON_CLEARED"}"#,
    ),
    call(
        "RevocationService/RevokeEnterprise",
        CHIEF,
        r#"{
  "request_id": "$(new)", "enterprise_number": $ENTERPRISE_NUMBER, "reason_text": "false statements",
  "dry_run": true
}"#,
    ),
    call(
        "RevocationService/AmendPass",
        CHIEF,
        r#"{"request_id": "$(new)", "pass_number": "$PASS", "trailer": "苏E8888挂", "reason_text": "another trailer"}"#,
    ),
    call("RevocationService/ListRevocations", CHIEF, r#"{"page_size": 3}"#),
    call("ReportService/GetDayReport", CHIEF, r#"{"authority": "CN-3205", "day": "$(TZ=Asia/Shanghai date +%F)"}"#),
    call("TrustService/GetTrustLists", OPERATOR, "{}"),
    call("TrustService/ListKeys", OPERATOR, r#"{"page_size": 5}"#),
    call("TrustService/PrepareSurvivors", OPERATOR, r#"{"request_id": "$(new)", "kid": "$KID"}"#),
    call(
        "TrustService/InstallTrustList",
        OPERATOR,
        r#"{"request_id": "$(new)", "object": "$TRUST_LIST", "dry_run": true}"#,
    ),
    call("TrustService/PublishStatus", OPERATOR, r#"{"request_id": "$(new)"}"#),
    call("OperationService/CreateBackup", OPERATOR, r#"{"request_id": "$(new)"}"#),
    call("AuditService/ListAuditEntries", CHIEF, r#"{"page_size": 3}"#),
    call("CheckpointService/GetBundle", None, "{}"),
    call("CheckpointService/WatchStatus", None, "{}"),
    call("CheckpointService/CheckPass", None, r#"{"text": "$TEXT", "county": "320583", "plate": "苏E00001"}"#),
    call(
        "CheckpointService/ReportScans",
        None,
        r#"{
  "reports": [{
    "scan_id": "$(new)", "checkpoint": "G2-kunshan", "pass_number": "$PASS", "outcome": "OUTCOME_ADMIT",
    "code": "admit", "scan_time": "$(date -u +%FT%TZ)"
  }]
}"#,
    ),
];

impl Call {
    /// The command as the page prints it.
    pub fn command(&self) -> String {
        let (who, to) = match self.officer {
            None => ("-plaintext".to_owned(), "$PUBLIC"),
            Some(officer) => (format!("$(as {officer})"), "$ADMIN"),
        };
        // A stream never ends by itself.
        let most = if self.method.ends_with("WatchStatus") { " -max-time 2" } else { "" };
        format!("grpcurl {who}{most} -d @ {to} freightpass.v1.{} <<EOF\n{}\nEOF", self.method, self.request)
    }
}
