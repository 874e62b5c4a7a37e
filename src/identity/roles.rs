//! The table of methods and roles: who may call what. Deny by default: a method that is not here is nobody's.
//!
//! The table says who may call; what a caller may see and touch (the own body, the division) is decided by the room
//! that answers. A test compares the table with the descriptor set, so that a method nobody put in fails the build.

use super::officer::{Officer, Role};

use Role::{Applicant, Approver, Auditor, Operator, Recommender, Revoker, Whitelist};

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, on the public listener.
    Public,
    /// Officers with at least one of these roles, on the admin listener.
    AnyOf(&'static [Role]),
    /// Officers with all of these roles, on the admin listener.
    AllOf(&'static [Role]),
}

/// What puts one pass in the place of others issues and revokes in one step, and so asks for the power to do both:
/// neither a revoker alone may mint, nor an approver alone take what another has issued.
pub const REPLACES: Access = Access::AllOf(&[Approver, Revoker]);

/// Every method of freightpass.v1, by service and name.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str, Access)] = &[
    ("WhitelistService",   "ImportEntries",            Access::AnyOf(&[Whitelist])),
    ("WhitelistService",   "GetEnterprise",            Access::AnyOf(&[Applicant, Whitelist, Approver, Auditor])),
    ("WhitelistService",   "ListEnterprises",          Access::AnyOf(&[Applicant, Whitelist, Approver, Auditor])),
    ("ApplicationService", "SubmitApplication",        Access::AnyOf(&[Applicant])),
    ("ApplicationService", "BatchSubmitApplications",  Access::AnyOf(&[Applicant])),
    ("ApplicationService", "GetApplication",           Access::AnyOf(&[Applicant, Recommender, Approver, Revoker, Auditor])),
    ("ApplicationService", "ListApplications",         Access::AnyOf(&[Applicant, Recommender, Approver, Revoker, Auditor])),
    ("ApplicationService", "WithdrawApplication",      Access::AnyOf(&[Applicant])),
    ("ApprovalService",    "RecommendApplication",     Access::AnyOf(&[Recommender])),
    ("ApprovalService",    "ApproveApplication",       Access::AnyOf(&[Approver])),
    ("ApprovalService",    "BatchApproveApplications", Access::AnyOf(&[Approver])),
    ("ApprovalService",    "RejectApplication",        Access::AnyOf(&[Approver])),
    ("ApprovalService",    "BatchRejectApplications",  Access::AnyOf(&[Approver])),
    ("PassService",        "IssuePass",                Access::AnyOf(&[Approver])),
    ("PassService",        "GetPass",                  Access::AnyOf(&[Applicant, Approver, Revoker, Auditor])),
    ("PassService",        "ListPasses",               Access::AnyOf(&[Applicant, Approver, Revoker, Auditor])),
    ("RevocationService",  "RevokePass",               Access::AnyOf(&[Revoker])),
    ("RevocationService",  "SuspendPass",              Access::AnyOf(&[Revoker])),
    ("RevocationService",  "ResumePass",               Access::AnyOf(&[Revoker])),
    ("RevocationService",  "RevokeEnterprise",         Access::AnyOf(&[Revoker])),
    ("RevocationService",  "AmendPass",                REPLACES),
    ("RevocationService",  "ListRevocations",          Access::AnyOf(&[Approver, Revoker, Auditor])),
    ("ArrivalService",     "AnnounceArrival",          Access::AnyOf(&[Applicant])),
    ("ArrivalService",     "ReportArrival",            Access::AnyOf(&[Applicant, Recommender, Approver])),
    ("ArrivalService",     "ListArrivals",             Access::AnyOf(&[Applicant, Recommender, Approver, Revoker, Auditor])),
    ("TrustService",       "GetTrustLists",            Access::AnyOf(&[Auditor, Operator])),
    ("TrustService",       "InstallTrustList",         Access::AnyOf(&[Operator])),
    ("TrustService",       "ListKeys",                 Access::AnyOf(&[Auditor, Operator])),
    ("TrustService",       "PrepareSurvivors",         Access::AnyOf(&[Operator])),
    ("TrustService",       "PublishStatus",            Access::AnyOf(&[Operator])),
    ("OperationService",   "CreateBackup",             Access::AnyOf(&[Operator])),
    ("AuditService",       "ListAuditEntries",         Access::AnyOf(&[Auditor])),
    ("ReportService",      "GetDayReport",             Access::AnyOf(&[Approver, Auditor])),
    ("ProgrammeService",   "SetProgrammeRules",        Access::AnyOf(&[Approver])),
    ("ProgrammeService",   "ListProgrammeRules",       Access::AnyOf(&[Applicant, Recommender, Approver, Auditor])),
    ("CheckpointService",  "GetBundle",                Access::Public),
    ("CheckpointService",  "WatchStatus",              Access::Public),
    ("CheckpointService",  "CheckPass",                Access::Public),
    ("CheckpointService",  "ReportScans",              Access::Public),
];

/// Who may call the method at `path`, a gRPC path such as `/freightpass.v1.PassService/GetPass`; `None` for a path
/// that is not in the table.
pub fn access(path: &str) -> Option<Access> {
    let (service, method) = path.strip_prefix("/freightpass.v1.")?.split_once('/')?;
    TABLE.iter().find(|(in_service, name, _)| *in_service == service && *name == method).map(|(_, _, access)| *access)
}

impl Access {
    /// Whether `officer` may call.
    pub fn admits(self, officer: &Officer) -> bool {
        match self {
            Access::Public => true,
            Access::AnyOf(roles) => roles.iter().any(|role| officer.has(*role)),
            Access::AllOf(roles) => roles.iter().all(|role| officer.has(*role)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn the_table_holds_exactly_the_methods_that_there_are() {
        let set = FileDescriptorSet::decode(crate::rpc::proto::DESCRIPTORS).unwrap();
        let mut there = BTreeSet::new();
        for file in set.file.iter().filter(|file| file.package() == "freightpass.v1") {
            for service in &file.service {
                for method in &service.method {
                    there.insert((service.name().to_owned(), method.name().to_owned()));
                }
            }
        }
        let table: BTreeSet<_> =
            TABLE.iter().map(|(service, method, _)| ((*service).to_owned(), (*method).to_owned())).collect();
        assert_eq!(table, there);
        assert_eq!(table.len(), TABLE.len(), "a method stands in the table twice");
    }

    #[test]
    fn only_the_checkpoint_is_public_and_no_list_of_roles_is_empty() {
        for (service, method, access) in TABLE {
            match access {
                Access::Public => assert_eq!(*service, "CheckpointService", "{method}"),
                Access::AnyOf(roles) | Access::AllOf(roles) => {
                    assert!(!roles.is_empty(), "{method}");
                    assert_ne!(*service, "CheckpointService", "{method}");
                }
            }
        }
    }

    #[test]
    fn who_replaces_needs_both_powers() {
        let admitted = |roles: &[Role]| {
            REPLACES.admits(&Officer { body: "CN-3205".into(), name: "a".into(), roles: roles.to_vec() })
        };
        assert!(!admitted(&[Approver]));
        assert!(!admitted(&[Revoker, Auditor, Operator]));
        assert!(admitted(&[Approver, Revoker]));
    }

    #[test]
    fn a_path_that_is_not_in_the_table_is_nobodys() {
        assert_eq!(access("/freightpass.v1.PassService/StealPass"), None);
        assert_eq!(access("/freightpass.v2.PassService/GetPass"), None);
        assert_eq!(access("PassService/GetPass"), None);
        assert_eq!(access(""), None);
        assert_eq!(access("/freightpass.v1.AuditService/ListAuditEntries"), Some(Access::AnyOf(&[Auditor])));
    }
}
