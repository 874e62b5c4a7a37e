//! Keys, rules and a clock for the tests that issue passes.

use std::sync::{Arc, Mutex};

use ed25519_dalek::{Signer as _, SigningKey};
use freightpass::application::{ApplicationStore, Form, Window};
use freightpass::approval::Decision;
use freightpass::clock::FixedClock;
use freightpass::identity::{AuthorityScope, Competence, Competences, ProgrammeWindow};
use freightpass::pass::{Issued, Issuer, Order, Pass, PassError, PassStore, Signer, SignerError};
use freightpass::profile::cn::Cn;
use freightpass::storage::Backend;
use freightpass_core::key::{Kid, PublicKey};
use freightpass_core::pass::PassNumber;
use uuid::Uuid;

use crate::support::{HANGZHOU, NOW, Registry, SUZHOU, TestBackend, applicant, call, chief, division, everybody, form};

/// The status base of the examples.
pub const STATUS_BASE: &str = "HTTPS://S.FP.CN/20/";

/// A registry in which passes can be issued, the clock at [`NOW`].
pub struct Office<DB: Backend> {
    pub registry: Registry<DB>,
    pub issuer: Arc<Issuer>,
    pub keys: Arc<Keys>,
    pub clock: Arc<FixedClock>,
}

/// Keys in memory: those of each authority with their windows.
pub struct Keys(Mutex<Vec<Held>>);

struct Held {
    authority: &'static str,
    key: SigningKey,
    from: u32,
    until: u32,
    signs: bool,
}

impl<DB: Backend> Office<DB> {
    /// A fresh registry, and Suzhou and Hangzhou with a key each.
    pub async fn open<B: TestBackend<Db = DB>>() -> Self {
        let (issuer, keys, clock) = issuer();
        Self { registry: B::registry().await, issuer, keys, clock }
    }

    /// An application of enterprise `n`, listed for Suzhou, with its truck `n`.
    pub async fn applied(&self, n: u32) -> Uuid {
        self.registry.listed(n).await;
        self.submitted(form(n, n)).await
    }

    /// The application of a form whose enterprise is listed.
    pub async fn submitted(&self, form: Form) -> Uuid {
        let applicant = call_now(self, &applicant_of(&form), "SubmitApplication");
        self.registry.store.submit(&applicant, Ok(form)).await.unwrap().id
    }

    /// Approves as Suzhou and issues, now.
    pub async fn issue(&self, application: Uuid) -> Result<Issued, PassError> {
        self.issue_as(SUZHOU, application).await
    }

    /// Approves and issues as an authority, now.
    pub async fn issue_as(&self, authority: &str, application: Uuid) -> Result<Issued, PassError> {
        let call = call_now(self, &chief(authority), "ApproveApplication");
        self.registry.store.issue(&call, self.issuer.clone(), planned(application)).await
    }

    /// The pass of enterprise `n`, applied for and issued.
    pub async fn passed(&self, n: u32) -> Pass {
        let application = self.applied(n).await;
        self.issue(application).await.unwrap().pass
    }

    /// The pass as it now stands.
    pub async fn pass(&self, number: PassNumber) -> Pass {
        self.registry.store.pass(&everybody(), number).await.unwrap().unwrap()
    }
}

/// An issuer with a key for Suzhou and one for Hangzhou, the clock at [`NOW`].
pub fn issuer() -> (Arc<Issuer>, Arc<Keys>, Arc<FixedClock>) {
    let keys = Arc::new(Keys(Mutex::default()));
    keys.add(SUZHOU, 1, 0, u32::MAX);
    keys.add(HANGZHOU, 2, 0, u32::MAX);
    let clock = Arc::new(FixedClock::at(NOW));
    let issuer = Issuer::new(keys.clone(), Arc::new(Rules), clock.clone(), Arc::new(Cn));
    (Arc::new(issuer), keys, clock)
}

impl Keys {
    /// Adds a key of an authority that covers `from <= nbf < until`.
    pub fn add(&self, authority: &'static str, seed: u8, from: u32, until: u32) -> Kid {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let kid = Kid::of(key.verifying_key().as_bytes());
        self.0.lock().unwrap().push(Held { authority, key, from, until, signs: true });
        kid
    }

    /// Ends the window of an authority's keys.
    pub fn end(&self, authority: &str, until: u32) {
        for held in self.0.lock().unwrap().iter_mut().filter(|held| held.authority == authority) {
            held.until = held.until.min(until);
        }
    }

    /// Whether keys sign, or fail when they are asked to.
    pub fn set_signs(&self, signs: bool) {
        self.0.lock().unwrap().iter_mut().for_each(|held| held.signs = signs);
    }

    /// Whether the key of that kid has signed the message.
    pub fn verifies(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> bool {
        self.find(|held| held.kid() == kid, |held| held.key.verifying_key().to_bytes())
            .is_some_and(|key| PublicKey::from_bytes(&key).unwrap().verifies(message, signature))
    }

    fn find<T>(&self, which: impl Fn(&Held) -> bool, what: impl Fn(&Held) -> T) -> Option<T> {
        self.0.lock().unwrap().iter().rev().find(|held| which(held)).map(what)
    }
}

impl Held {
    fn kid(&self) -> Kid {
        Kid::of(self.key.verifying_key().as_bytes())
    }
}

impl Signer for Keys {
    fn status_base(&self) -> Option<String> {
        Some(STATUS_BASE.to_owned())
    }

    fn key_for(&self, authority: &str, nbf: u32) -> Option<Kid> {
        self.find(|held| held.authority == authority && (held.from..held.until).contains(&nbf), Held::kid)
    }

    fn keys_in_use(&self, from: u32) -> Vec<Kid> {
        self.0.lock().unwrap().iter().filter(|held| from < held.until).map(Held::kid).collect()
    }

    fn sign(&self, kid: Kid, message: &[u8]) -> Result<[u8; 64], SignerError> {
        self.find(|held| held.kid() == kid && held.signs, |held| held.key.sign(message).to_bytes())
            .ok_or(SignerError::KeyUnavailable { kid })
    }
}

/// Suzhou and Hangzhou, programme 1 open for both, a pass lives 30 days at most.
struct Rules;

impl Competences for Rules {
    fn current(&self) -> Arc<Competence> {
        let authority = |code: &str, number: u32| AuthorityScope {
            code: code.to_owned(),
            number,
            level: 3,
            division: Some(division(number / 100)),
            programmes: vec![1],
        };
        Arc::new(Competence {
            longest_life_s: 30 * 86_400,
            authorities: vec![authority(SUZHOU, 320_500), authority(HANGZHOU, 330_100)],
            programmes: vec![ProgrammeWindow { number: 1, from: 0, until: u32::MAX.into() }],
            ..Competence::default()
        })
    }
}

/// A call at the office's time.
pub fn call_now<DB: Backend>(
    office: &Office<DB>,
    officer: &freightpass::identity::Officer,
    method: &'static str,
) -> freightpass::audit::Call {
    freightpass::audit::Call { at: office.issuer.now(), ..call(officer, method) }
}

/// To be approved as planned, and issued.
pub fn planned(application: Uuid) -> Order {
    Order { application, decision: Some(Decision::default()) }
}

/// The same form for the time that begins `days` later.
pub fn later(form: Form, days: u64) -> Form {
    let Window { start, end } = form.planned;
    Form { planned: Window { start: start + days * 86_400, end: end + days * 86_400 }, ..form }
}

fn applicant_of(form: &Form) -> freightpass::identity::Officer {
    let mut officer = applicant(0);
    officer.body = form.enterprise_code.clone();
    officer
}
