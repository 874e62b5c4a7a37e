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
    Roles(&'static [Role]),
}

/// Every method of freightpass.v1, by service and name.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str, Access)] = &[
    ("WhitelistService",   "ImportEntries",            Access::Roles(&[Whitelist])),
    ("WhitelistService",   "GetEnterprise",            Access::Roles(&[Applicant, Whitelist, Approver, Auditor])),
    ("WhitelistService",   "ListEnterprises",          Access::Roles(&[Applicant, Whitelist, Approver, Auditor])),
    ("ApplicationService", "SubmitApplication",        Access::Roles(&[Applicant])),
    ("ApplicationService", "BatchSubmitApplications",  Access::Roles(&[Applicant])),
    ("ApplicationService", "GetApplication",           Access::Roles(&[Applicant, Recommender, Approver, Revoker, Auditor])),
    ("ApplicationService", "ListApplications",         Access::Roles(&[Applicant, Recommender, Approver, Revoker, Auditor])),
    ("ApplicationService", "WithdrawApplication",      Access::Roles(&[Applicant])),
    ("ApprovalService",    "RecommendApplication",     Access::Roles(&[Recommender])),
    ("ApprovalService",    "ApproveApplication",       Access::Roles(&[Approver])),
    ("ApprovalService",    "BatchApproveApplications", Access::Roles(&[Approver])),
    ("ApprovalService",    "RejectApplication",        Access::Roles(&[Approver])),
    ("PassService",        "IssuePass",                Access::Roles(&[Approver])),
    ("PassService",        "GetPass",                  Access::Roles(&[Applicant, Approver, Revoker, Auditor])),
    ("PassService",        "ListPasses",               Access::Roles(&[Applicant, Approver, Revoker, Auditor])),
    ("RevocationService",  "RevokePass",               Access::Roles(&[Revoker])),
    ("RevocationService",  "SuspendPass",              Access::Roles(&[Revoker])),
    ("RevocationService",  "ResumePass",               Access::Roles(&[Revoker])),
    ("RevocationService",  "RevokeEnterprise",         Access::Roles(&[Revoker])),
    ("RevocationService",  "AmendPass",                Access::Roles(&[Revoker])),
    ("RevocationService",  "ListRevocations",          Access::Roles(&[Approver, Revoker, Auditor])),
    ("TrustService",       "GetTrustLists",            Access::Roles(&[Auditor, Operator])),
    ("TrustService",       "InstallTrustList",         Access::Roles(&[Operator])),
    ("TrustService",       "ListKeys",                 Access::Roles(&[Auditor, Operator])),
    ("TrustService",       "PrepareSurvivors",         Access::Roles(&[Operator])),
    ("TrustService",       "PublishStatus",            Access::Roles(&[Operator])),
    ("AuditService",       "ListAuditEntries",         Access::Roles(&[Auditor])),
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
            Access::Roles(roles) => roles.iter().any(|role| officer.has(*role)),
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
                Access::Roles(roles) => {
                    assert!(!roles.is_empty(), "{method}");
                    assert_ne!(*service, "CheckpointService", "{method}");
                }
            }
        }
    }

    #[test]
    fn a_path_that_is_not_in_the_table_is_nobodys() {
        assert_eq!(access("/freightpass.v1.PassService/StealPass"), None);
        assert_eq!(access("/freightpass.v2.PassService/GetPass"), None);
        assert_eq!(access("PassService/GetPass"), None);
        assert_eq!(access(""), None);
        assert_eq!(access("/freightpass.v1.AuditService/ListAuditEntries"), Some(Access::Roles(&[Auditor])));
    }
}
