//! The commands on rules: set them, look at them.

use std::sync::Arc;

use super::draft::DraftAsked;
use super::error::ProgrammeError;
use super::store::{ProgrammeStore, RulesFilter};
use super::{Asked, ProgrammeRules};
use crate::audit::Call;
use crate::identity::{Competences, Sight};
use crate::problem::FieldProblem;
use crate::storage::{Page, PageRequest, StorageError};

/// The rules of programmes.
#[derive(Clone)]
pub struct Programmes {
    store: Arc<dyn ProgrammeStore>,
    competences: Arc<dyn Competences>,
}

impl Programmes {
    /// Rules in that store, for the authorities and programmes of the trust list in force.
    pub fn new(store: Arc<dyn ProgrammeStore>, competences: Arc<dyn Competences>) -> Self {
        Self { store, competences }
    }

    /// Sets the rules of an authority within the sight for a programme that is listed for it, in place of those before.
    pub async fn set(
        &self,
        call: &Call,
        sight: &Sight,
        authority: &str,
        programme: u32,
        draft: &DraftAsked,
    ) -> Result<ProgrammeRules, ProgrammeError> {
        let competence = self.competences.current();
        let Some(scope) = competence.authority(authority) else {
            let message = "the trust list in force knows no authority of this code";
            return Err(invalid(FieldProblem::new("authority", "unknown_authority", message)));
        };
        if !matches!(sight, Sight::All | Sight::Bodies(_)) || !sight.includes(authority, "") {
            return Err(ProgrammeError::NotFound);
        }
        let listed = |number: &u16| competence.programme(scope, *number).is_some();
        let Some(programme) = u16::try_from(programme).ok().filter(listed) else {
            let message = "the trust list in force lists no such programme for this authority";
            return Err(invalid(FieldProblem::new("programme", "unknown_programme", message)));
        };
        let asked = draft.check().map_err(ProgrammeError::Invalid)?;
        Ok(self.store.set_rules(call, authority, programme, asked).await?)
    }

    /// What the authority asks for under the programme; nothing where it has set no rules.
    pub async fn asked(&self, authority: &str, programme: u16) -> Result<Asked, StorageError> {
        let found = self.store.rules_of(authority, programme).await?;
        Ok(found.map(|rules| rules.asked).unwrap_or_default())
    }

    /// Rules by authority and programme.
    pub async fn list(&self, filter: &RulesFilter, page: &PageRequest) -> Result<Page<ProgrammeRules>, ProgrammeError> {
        Ok(self.store.rules(filter, page).await?)
    }
}

fn invalid(problem: FieldProblem) -> ProgrammeError {
    ProgrammeError::Invalid(vec![problem])
}
