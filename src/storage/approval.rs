//! The port of decisions on the registry, and the part of it that the room `pass` uses inside its own transaction.

use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::division::Division;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::Store;
use super::application::{Reason, StepError};
use super::application_rows::{load, vanished};
use super::backend::Backend;
use super::errors::StorageError;
use super::work::Work;
use crate::application::{Application, RejectionReason};
use crate::approval::{ApprovalError, ApprovalStore, Approved, Decision, Picked, Refusal};
use crate::audit::Call;
use crate::whitelist::EnterpriseState;

#[async_trait]
impl<DB: Backend> ApprovalStore for Store<DB> {
    async fn recommend(
        &self,
        call: &Call,
        county: &Division,
        id: Uuid,
        comment: String,
    ) -> Result<Application, ApprovalError> {
        let county = county.clone();
        self.change(call, move |work| {
            Box::pin(async move {
                let found = work.application(id).await?.ok_or(Refusal::NotFound)?;
                if ![&found.form.route.origin, &found.form.route.destination].contains(&&county) {
                    return Err(Refusal::NotFound.into());
                }
                let next = found.state.recommend().map_err(Refusal::State)?;
                let reason = Reason { rejection: None, text: comment };
                Ok::<_, ApprovalError>(work.take_step(&found, next, None, &reason).await?)
            })
        })
        .await?;
        Ok(self.now(id).await?)
    }

    async fn reject(
        &self,
        call: &Call,
        id: Uuid,
        reason: RejectionReason,
        text: String,
    ) -> Result<Application, ApprovalError> {
        self.change(call, move |work| {
            Box::pin(async move { reject(work, Picked::any(id), &Reason { rejection: Some(reason), text }).await })
        })
        .await?;
        Ok(self.now(id).await?)
    }

    async fn decide(&self, call: &Call, id: Uuid, decision: Decision) -> Result<Application, ApprovalError> {
        self.change(call, move |work| {
            Box::pin(async move {
                work.approve(id, &decision).await?;
                Ok::<_, ApprovalError>(())
            })
        })
        .await?;
        Ok(self.now(id).await?)
    }

    async fn decide_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        dry_run: bool,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError> {
        self.by_item(call, picked, dry_run, |work, one| {
            Box::pin(async move { work.approve(one.id, &one.as_planned()).await.map(|_| ()) })
        })
        .await
    }

    async fn reject_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        reason: RejectionReason,
        text: String,
        dry_run: bool,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError> {
        let why = Arc::new(Reason { rejection: Some(reason), text });
        self.by_item(call, picked, dry_run, move |work, one| {
            let why = Arc::clone(&why);
            Box::pin(async move { reject(work, one, &why).await })
        })
        .await
    }
}

/// Rejects an application of the calling officer's authority, as the officer has seen it.
async fn reject<DB: Backend>(work: &mut Work<DB>, one: Picked, why: &Reason) -> Result<(), ApprovalError> {
    let found = work.own_application(one.id).await?;
    unchanged(&found, one.version)?;
    let next = found.state.reject().map_err(Refusal::State)?;
    Ok(work.take_step(&found, next, None, why).await?)
}

/// What was changed since the officer looked is not decided; a state that forbids it is told instead of the version.
fn unchanged(found: &Application, seen: Option<u64>) -> Result<(), Refusal> {
    match seen {
        Some(seen) if seen != found.version && found.state.approve().is_ok() => {
            Err(Refusal::Changed { found: found.version, seen })
        }
        _ => Ok(()),
    }
}

impl<DB: Backend> Store<DB> {
    /// Decides each application by itself, in one transaction; a refusal takes back what was done for its item, any other
    /// error ends the batch. A dry run takes all of it back.
    async fn by_item<F>(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        dry_run: bool,
        decide: F,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError>
    where
        F: for<'w> Fn(&'w mut Work<DB>, Picked) -> BoxFuture<'w, Result<(), ApprovalError>> + Send + Sync + 'static,
    {
        let decide = Arc::new(decide);
        // The stored answer names identifiers only: the applications themselves are personal.
        let decided: Vec<Result<Uuid, Refusal>> = self
            .change_or_rehearse(call, dry_run, move |work| {
                Box::pin(async move {
                    let mut results = Vec::with_capacity(picked.len());
                    for one in picked {
                        let decide = Arc::clone(&decide);
                        let decided = work.attempt(move |work| Box::pin(async move { decide(work, one).await })).await;
                        results.push(match decided {
                            Ok(()) => Ok(one.id),
                            Err(ApprovalError::Refused(refusal)) => Err(refusal),
                            Err(error) => return Err(error),
                        });
                    }
                    Ok::<_, ApprovalError>(results)
                })
            })
            .await?;
        let mut applications = Vec::with_capacity(decided.len());
        for result in decided {
            applications.push(match result {
                Ok(id) => Ok(self.now(id).await?),
                Err(refusal) => Err(refusal),
            });
        }
        Ok(applications)
    }

    async fn now(&self, id: Uuid) -> Result<Application, StorageError> {
        let mut conn = self.reader().await?;
        load::<DB>(self, &mut conn, id).await?.ok_or_else(|| vanished(id))
    }
}

impl<DB: Backend> Work<DB> {
    /// Approves an application in this transaction, with its step and audit entry, and gives the proof from which a
    /// pass is made. Only the authority that the application went to may; for others it does not exist. The
    /// enterprise must still be on the white list, the application be what the officer has seen, and the rules of the
    /// programme hold when the pass would begin.
    pub async fn approve(&mut self, id: Uuid, decision: &Decision) -> Result<Approved, ApprovalError> {
        let found = self.own_application(id).await?;
        unchanged(&found, decision.version)?;
        let next = found.state.approve().map_err(Refusal::State)?;
        self.still_listed(&found).await?;
        let now = self.call().at.as_second();
        let window = decision.window(found.form.planned, now).map_err(Refusal::Invalid)?;
        let asked = self.asked(&found.form.authority, found.form.programme).await?;
        if asked.recommendation_required && found.recommended.is_none() {
            return Err(Refusal::NotRecommended.into());
        }
        // A window that has begun lets the truck go from now on: nothing is dated back.
        let start = window.start.max(u64::try_from(now).unwrap_or(0));
        let unmet = asked.unmet(&found.form.evidence, found.form.crew.len(), start);
        if !unmet.is_empty() {
            return Err(Refusal::Evidence(unmet).into());
        }
        self.take_step(&found, next, Some(window), &Reason::default()).await?;
        self.approved(id).await
    }

    /// The proof for an application that was approved before: a pass is issued later, or amended. The same authority
    /// and the same white list are asked.
    pub async fn approved(&mut self, id: Uuid) -> Result<Approved, ApprovalError> {
        let found = self.own_application(id).await?;
        self.still_listed(&found).await?;
        Ok(Approved::of(&found)?)
    }

    /// An application that went to the authority of the calling officer.
    async fn own_application(&mut self, id: Uuid) -> Result<Application, ApprovalError> {
        let found = self.application(id).await?.ok_or(Refusal::NotFound)?;
        if found.form.authority != self.call().officer.body {
            return Err(Refusal::NotFound.into());
        }
        Ok(found)
    }

    async fn still_listed(&mut self, application: &Application) -> Result<(), ApprovalError> {
        let number = application.enterprise.number;
        match self.enterprise(number).await? {
            Some(enterprise) if enterprise.state == EnterpriseState::Listed => Ok(()),
            _ => Err(Refusal::EnterpriseDelisted { number }.into()),
        }
    }
}

impl From<StepError> for ApprovalError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::State(transition) => Refusal::State(transition).into(),
            StepError::Storage(error) => ApprovalError::Storage(error),
        }
    }
}
