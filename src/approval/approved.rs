//! The proof that an authority has approved an application: what a pass is made from, and from nothing else.

use std::fmt;

use freightpass_core::division::Division;
use uuid::Uuid;

use super::error::Refusal;
use crate::application::{Application, EnterpriseRef, Leg, State, Window};
use crate::whitelist::{Category, CrewRole, Person};

/// An approved application, to be turned into one pass.
///
/// It is made inside the transaction that approves (or that reads an approved application again), cannot be cloned,
/// and is consumed by value: one approval never makes two passes by a slip.
#[derive(Debug, PartialEq, Eq)]
pub struct Approved {
    application: Uuid,
    authority: String,
    enterprise: EnterpriseRef,
    programme: u16,
    tractor: String,
    trailer: Option<String>,
    crew: Vec<PassCrew>,
    divisions: Vec<Division>,
    leg: Leg,
    category: Category,
    window: Window,
}

/// One person as a pass names one.
#[derive(Clone, PartialEq, Eq)]
pub struct PassCrew {
    /// Name.
    pub name: String,
    /// The last characters of the paper's number.
    pub tail: String,
    /// Role on board.
    pub role: CrewRole,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for PassCrew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassCrew").field("role", &self.role).finish_non_exhaustive()
    }
}

impl From<&Person> for PassCrew {
    fn from(person: &Person) -> Self {
        Self { name: person.name.clone(), tail: person.paper.tail().to_owned(), role: person.role }
    }
}

impl Approved {
    /// The proof, if the application is approved. Only the transactions of storage make one.
    pub(crate) fn of(application: &Application) -> Result<Self, Refusal> {
        let window = match (application.state, application.approved) {
            (State::Approved, Some(window)) => window,
            (found, _) => return Err(Refusal::NotApproved { found }),
        };
        let form = &application.form;
        Ok(Self {
            application: application.id,
            authority: form.authority.clone(),
            enterprise: application.enterprise.clone(),
            programme: form.programme,
            tractor: form.tractor.clone(),
            trailer: form.trailer.clone(),
            crew: form.crew.iter().map(PassCrew::from).collect(),
            divisions: form.route.divisions(),
            leg: form.leg,
            category: form.cargo.category,
            window,
        })
    }

    /// The same approval with another trailer or other people: an amendment in mid-journey. What is none stays.
    pub fn amended(mut self, trailer: Option<Option<String>>, crew: Option<Vec<PassCrew>>) -> Self {
        if let Some(trailer) = trailer {
            self.trailer = trailer;
        }
        if let Some(crew) = crew {
            self.crew = crew;
        }
        self
    }

    /// The application.
    pub fn application(&self) -> Uuid {
        self.application
    }

    /// Code of the authority that approved it, the issuer of the pass.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The enterprise.
    pub fn enterprise(&self) -> &EnterpriseRef {
        &self.enterprise
    }

    /// The programme.
    pub fn programme(&self) -> u16 {
        self.programme
    }

    /// Plate of the tractor.
    pub fn tractor(&self) -> &str {
        &self.tractor
    }

    /// Plate of the trailer.
    pub fn trailer(&self) -> Option<&str> {
        self.trailer.as_deref()
    }

    /// The people, the driver first.
    pub fn crew(&self) -> &[PassCrew] {
        &self.crew
    }

    /// Origin, destination, via.
    pub fn divisions(&self) -> &[Division] {
        &self.divisions
    }

    /// The leg.
    pub fn leg(&self) -> Leg {
        self.leg
    }

    /// Category of the cargo.
    pub fn category(&self) -> Category {
        self.category
    }

    /// The time that the authority allows.
    pub fn window(&self) -> Window {
        self.window
    }
}
