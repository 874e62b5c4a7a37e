//! A complete request of every method.

use freightpass::clock::{Clock, SystemClock};
use freightpass::profile::Profile;
use freightpass::profile::cn::Cn;
use freightpass::rpc::proto;
use prost::Message;

use crate::example::{enterprise, form, held, id, in_seconds, row, tractor};
use crate::world::{
    AMENDED, APPROVED, APPROVED_IN_A_BATCH, ARRIVING, DECIDED, NEXT, RECOMMENDED, REJECTED, REJECTED_IN_A_BATCH,
    RESUMED, REVOKED, SHOWN, SUSPENDED, WITHDRAWN, World,
};

impl World {
    /// A complete request of the method with a new request id, which whoever [`World::sees`] may make once.
    pub fn request(&self, method: &str) -> Vec<u8> {
        self.requests(method).remove(0)
    }

    /// The same, and beside it the variants of the method that change or tell something else.
    pub fn requests(&self, method: &str) -> Vec<Vec<u8>> {
        let (request_id, application_id) = (id(), |at: usize| self.applications[at].clone());
        let (page_size, page_token) = (10, String::new());
        macro_rules! variants {
            ($first:expr $(, $more:expr)* $(,)?) => {
                vec![
                    $first.encode_to_vec()
                    $(, {
                        let mut it = $first;
                        it.request_id = id();
                        let change: fn(&mut _) = $more;
                        change(&mut it);
                        it.encode_to_vec()
                    })*
                ]
            };
        }
        match method {
            "ImportEntries" => {
                variants!(
                    proto::ImportEntriesRequest {
                        request_id: request_id.clone(),
                        rows: vec![row(1, SHOWN as u32 + 1)],
                        dry_run: false,
                    },
                    |it: &mut proto::ImportEntriesRequest| it.dry_run = true
                )
            }
            "GetEnterprise" => {
                use proto::get_enterprise_request::Enterprise::{Code, Number};
                let by = |key| proto::GetEnterpriseRequest { enterprise: Some(key) }.encode_to_vec();
                vec![by(Number(self.enterprise)), by(Code(enterprise(1)))]
            }
            "ListEnterprises" => {
                let filter = proto::EnterpriseFilter { plate: tractor(1), ..Default::default() };
                let all = proto::ListEnterprisesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListEnterprisesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "SubmitApplication" => {
                let form = Some(form(1, NEXT));
                vec![proto::SubmitApplicationRequest { request_id, form }.encode_to_vec()]
            }
            "BatchSubmitApplications" => {
                let forms = vec![form(1, NEXT + 1)];
                vec![proto::BatchSubmitApplicationsRequest { request_id, forms, dry_run: false }.encode_to_vec()]
            }
            "GetApplication" => {
                vec![proto::GetApplicationRequest { application_id: application_id(SHOWN) }.encode_to_vec()]
            }
            "ListApplications" => {
                let filter = proto::ApplicationFilter { tractor: tractor(1), ..Default::default() };
                let all = proto::ListApplicationsRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListApplicationsRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "WithdrawApplication" => {
                let application_id = application_id(WITHDRAWN);
                vec![proto::WithdrawApplicationRequest { request_id, application_id }.encode_to_vec()]
            }
            "RecommendApplication" => {
                let application_id = application_id(RECOMMENDED);
                let comment = "急".to_owned();
                vec![proto::RecommendApplicationRequest { request_id, application_id, comment }.encode_to_vec()]
            }
            "ApproveApplication" => variants!(
                proto::ApproveApplicationRequest {
                    request_id: request_id.clone(),
                    application_id: application_id(APPROVED),
                    ..Default::default()
                },
                |it: &mut proto::ApproveApplicationRequest| it.decide_only = true,
                |it: &mut proto::ApproveApplicationRequest| it.replace_overlapping = true
            ),
            "BatchApproveApplications" => variants!(
                proto::BatchApproveApplicationsRequest {
                    request_id: request_id.clone(),
                    application_ids: vec![application_id(APPROVED_IN_A_BATCH)],
                    ..Default::default()
                },
                |it: &mut proto::BatchApproveApplicationsRequest| it.decide_only = true,
                |it: &mut proto::BatchApproveApplicationsRequest| it.dry_run = true,
                |it: &mut proto::BatchApproveApplicationsRequest| it.versions = vec![1],
                // The last one replaces: a test looks for it there.
                |it: &mut proto::BatchApproveApplicationsRequest| it.replace_overlapping = true
            ),
            "BatchRejectApplications" => variants!(
                proto::BatchRejectApplicationsRequest {
                    request_id: request_id.clone(),
                    application_ids: vec![application_id(REJECTED_IN_A_BATCH)],
                    reason: proto::RejectionReason::Route.into(),
                    reason_text: "绕行".to_owned(),
                    ..Default::default()
                },
                |it: &mut proto::BatchRejectApplicationsRequest| it.dry_run = true
            ),
            "RejectApplication" => vec![
                proto::RejectApplicationRequest {
                    request_id,
                    application_id: application_id(REJECTED),
                    reason: proto::RejectionReason::Route.into(),
                    reason_text: "绕行".to_owned(),
                }
                .encode_to_vec(),
            ],
            "IssuePass" => variants!(
                proto::IssuePassRequest {
                    request_id: request_id.clone(),
                    application_id: application_id(DECIDED),
                    replace_overlapping: false,
                },
                |it: &mut proto::IssuePassRequest| it.replace_overlapping = true
            ),
            "GetPass" => vec![proto::GetPassRequest { pass_number: self.number(SHOWN) }.encode_to_vec()],
            "ListPasses" => {
                let filter = proto::PassFilter { application_id: application_id(SHOWN), ..Default::default() };
                let all = proto::ListPassesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListPassesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "RevokePass" => vec![
                proto::RevokePassRequest {
                    request_id,
                    pass_number: self.number(REVOKED),
                    reason: proto::StatusReason::Misuse.into(),
                    reason_text: "转借".to_owned(),
                }
                .encode_to_vec(),
            ],
            "SuspendPass" => vec![
                proto::SuspendPassRequest {
                    request_id,
                    pass_number: self.number(SUSPENDED),
                    reason: proto::StatusReason::Investigation.into(),
                    reason_text: "查".to_owned(),
                }
                .encode_to_vec(),
            ],
            "ResumePass" => vec![
                proto::ResumePassRequest {
                    request_id,
                    pass_number: self.number(RESUMED),
                    reason: proto::StatusReason::Cleared.into(),
                    reason_text: "清".to_owned(),
                }
                .encode_to_vec(),
            ],
            "RevokeEnterprise" => variants!(
                proto::RevokeEnterpriseRequest {
                    request_id: request_id.clone(),
                    enterprise_number: self.stopped,
                    reason_text: "虚假材料".to_owned(),
                    dry_run: false,
                },
                |it: &mut proto::RevokeEnterpriseRequest| it.dry_run = true
            ),
            "AmendPass" => vec![
                proto::AmendPassRequest {
                    request_id,
                    pass_number: self.number(AMENDED),
                    trailer: Some("苏E1234挂".to_owned()),
                    crew: form(1, AMENDED as u32 + 1).crew,
                    reason_text: "换挂".to_owned(),
                }
                .encode_to_vec(),
            ],
            "ListRevocations" => {
                let filter = proto::RevocationFilter { pass_number: self.number(RESUMED), ..Default::default() };
                let all = proto::ListRevocationsRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListRevocationsRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "AnnounceArrival" => vec![
                proto::AnnounceArrivalRequest {
                    request_id,
                    pass_number: self.number(ARRIVING),
                    expected_time: in_seconds(6 * 3_600),
                    consignee: "浦东仓库".to_owned(),
                }
                .encode_to_vec(),
            ],
            "ReportArrival" => vec![
                proto::ReportArrivalRequest {
                    request_id,
                    pass_number: self.number(ARRIVING),
                    arrival_time: None,
                    place: "310115".to_owned(),
                }
                .encode_to_vec(),
            ],
            "ListArrivals" => {
                let filter = proto::ArrivalFilter { tractor: tractor(ARRIVING as u32 + 1), ..Default::default() };
                let all = proto::ListArrivalsRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListArrivalsRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "GetDayReport" => {
                let day = Cn.day(SystemClock.now()).to_string();
                vec![proto::GetDayReportRequest { day, authority: "CN-3205".to_owned() }.encode_to_vec()]
            }
            "SetProgrammeRules" => vec![
                proto::SetProgrammeRulesRequest {
                    request_id,
                    authority: "CN-3205".to_owned(),
                    programme: 1,
                    evidence: vec![proto::EvidenceRule {
                        kind: proto::EvidenceKind::Waybill.into(),
                        subject: proto::EvidenceSubject::Cargo.into(),
                        max_age: Some(prost_types::Duration { seconds: 86_400, nanos: 0 }),
                        issuers: vec!["昆山第一货运站".to_owned()],
                    }],
                    recommendation_required: false,
                }
                .encode_to_vec(),
            ],
            "ListProgrammeRules" => {
                let filter = proto::ProgrammeRulesFilter { authority: "CN-3205".to_owned(), programme: 1 };
                let all = proto::ListProgrammeRulesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListProgrammeRulesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "GetTrustLists" => vec![proto::GetTrustListsRequest {}.encode_to_vec()],
            "InstallTrustList" => {
                let object = self.trust_list.clone().into();
                vec![proto::InstallTrustListRequest { request_id, object, dry_run: false }.encode_to_vec()]
            }
            "ListKeys" => vec![proto::ListKeysRequest { page_size, page_token }.encode_to_vec()],
            "PrepareSurvivors" => {
                let kid = self.kid.clone().into();
                vec![proto::PrepareSurvivorsRequest { request_id, kid }.encode_to_vec()]
            }
            "PublishStatus" => vec![proto::PublishStatusRequest { request_id }.encode_to_vec()],
            "CreateBackup" => vec![proto::CreateBackupRequest { request_id }.encode_to_vec()],
            "ListAuditEntries" => {
                let filter = proto::AuditFilter { subject: application_id(SHOWN), ..Default::default() };
                let all = proto::ListAuditEntriesRequest::default().encode_to_vec();
                let filter = Some(filter);
                vec![proto::ListAuditEntriesRequest { filter, page_size, page_token }.encode_to_vec(), all]
            }
            "GetBundle" => vec![proto::GetBundleRequest { held: Some(held()) }.encode_to_vec()],
            "WatchStatus" => vec![proto::WatchStatusRequest { held: Some(held()) }.encode_to_vec()],
            "CheckPass" => {
                let text = self.passes[&SHOWN].text.clone();
                let pass = Some(proto::check_pass_request::Pass::Text(text));
                let request =
                    proto::CheckPassRequest { pass, county: "320583".to_owned(), plate: tractor(SHOWN as u32 + 1) };
                vec![request.encode_to_vec()]
            }
            "ReportScans" => {
                let report = proto::ScanReport {
                    scan_id: id(),
                    checkpoint: "G2-K1103".to_owned(),
                    pass_number: self.number(SHOWN),
                    outcome: proto::Outcome::Admit.into(),
                    code: "admit".to_owned(),
                    scan_time: in_seconds(0),
                };
                vec![proto::ReportScansRequest { reports: vec![report] }.encode_to_vec()]
            }
            other => panic!("no request of {other}: a new method needs one here"),
        }
    }
}
