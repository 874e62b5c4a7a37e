//! The port of decisions on the registry, and the part of it that the room `pass` uses inside its own transaction.

use async_trait::async_trait;
use freightpass_core::division::Division;
use uuid::Uuid;

use super::Store;
use super::application::{Reason, StepError};
use super::application_rows::{load, vanished};
use super::backend::Backend;
use super::errors::StorageError;
use super::work::Work;
use crate::application::{Application, RejectionReason};
use crate::approval::{ApprovalError, ApprovalStore, Approved, Decision, Refusal};
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
            Box::pin(async move {
                let found = work.own_application(id).await?;
                let next = found.state.reject().map_err(Refusal::State)?;
                let reason = Reason { rejection: Some(reason), text };
                Ok::<_, ApprovalError>(work.take_step(&found, next, None, &reason).await?)
            })
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
        ids: Vec<Uuid>,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError> {
        // The stored answer names identifiers only: the applications themselves are personal.
        let decided: Vec<Result<Uuid, Refusal>> = self
            .change(call, move |work| {
                Box::pin(async move {
                    let mut results = Vec::with_capacity(ids.len());
                    for id in ids {
                        results.push(decide_one(work, id).await?);
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
}

/// One application of a batch, as planned; a refusal takes back what was done for it, any other error ends the batch.
async fn decide_one<DB: Backend>(work: &mut Work<DB>, id: Uuid) -> Result<Result<Uuid, Refusal>, ApprovalError> {
    let decided: Result<Approved, ApprovalError> =
        work.attempt(|work| Box::pin(async move { work.approve(id, &Decision::default()).await })).await;
    match decided {
        Ok(approved) => Ok(Ok(approved.application())),
        Err(ApprovalError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}

impl<DB: Backend> Store<DB> {
    async fn now(&self, id: Uuid) -> Result<Application, StorageError> {
        let mut conn = self.reader().await?;
        load::<DB>(self, &mut conn, id).await?.ok_or_else(|| vanished(id))
    }
}

impl<DB: Backend> Work<DB> {
    /// Approves an application in this transaction, with its step and audit entry, and gives the proof from which a
    /// pass is made. Only the authority that the application went to may; for others it does not exist. The
    /// enterprise must still be on the white list.
    pub async fn approve(&mut self, id: Uuid, decision: &Decision) -> Result<Approved, ApprovalError> {
        let found = self.own_application(id).await?;
        let next = found.state.approve().map_err(Refusal::State)?;
        self.still_listed(&found).await?;
        let now = self.call().at.as_second();
        let window = decision.window(found.form.planned, now).map_err(Refusal::Invalid)?;
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
