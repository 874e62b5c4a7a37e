//! Biscuit by biscuit-auth: the claims are facts of the authority block, the times a check of the token itself.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE;
use biscuit_auth::builder::{Check, Fact, Rule, Term};
use biscuit_auth::{Algorithm, AuthorizerBuilder, AuthorizerLimits, Biscuit, KeyPair, PrivateKey, PublicKey, error};
use freightpass_core::pass::{CargoCategory, Claims, Crew, Enterprise, Leg, PassNumber, StatusReference, Subject};

use super::Token;
use super::json::{code, division, role, role_of};
use super::keys::{AUTHORITIES, ISSUER, public};
use crate::deployment::NOW;

pub struct BiscuitToken {
    key: KeyPair,
    check: Check,
    /// By root key id, which a Biscuit has instead of a kid: a number.
    keys: HashMap<u32, (PublicKey, &'static str)>,
    authorizer: AuthorizerBuilder,
    query: Rule,
}

/// What the query finds.
struct Found(Vec<Term>);

impl TryFrom<Fact> for Found {
    type Error = error::Token;

    fn try_from(fact: Fact) -> Result<Self, error::Token> {
        Ok(Found(fact.predicate.terms))
    }
}

impl BiscuitToken {
    pub fn new() -> Self {
        let private = PrivateKey::from_bytes(&ISSUER, Algorithm::Ed25519).expect("a key");
        let keys = AUTHORITIES.map(|(seed, authority)| {
            (key_id(&seed), (PublicKey::from_bytes(&public(&seed).0, Algorithm::Ed25519).expect("a key"), authority))
        });
        let now = Fact::new("time".into(), vec![Term::Date(NOW.into())]);
        // The library's own limit is a millisecond, which a shared machine may take from it.
        let limits = AuthorizerLimits { max_time: Duration::from_secs(60), ..AuthorizerLimits::default() };
        let authorizer = AuthorizerBuilder::new().fact(now).and_then(|with| with.policy("allow if true"));
        let query = "found($nbf, $exp, $iss, $jti, $idx, $uri, $prg, $trc, $trl, $crw, $rte, $crg, $ent) <- \
                     window($nbf, $exp), pass($iss, $jti, $idx, $uri, $prg, $trc, $trl, $crw, $rte, $crg, $ent)";
        Self {
            key: KeyPair::from(&private),
            check: "check if time($t), window($nbf, $exp), $t >= $nbf, $t < $exp".try_into().expect("a check"),
            keys: keys.into(),
            authorizer: authorizer.expect("a policy").set_limits(limits),
            query: query.try_into().expect("a rule"),
        }
    }

    fn read(&self, text: &str) -> Option<(Claims, &'static str)> {
        let choose = |id: Option<u32>| {
            let found = id.and_then(|id| self.keys.get(&id));
            found.map(|(key, _)| *key).ok_or(error::Format::UnknownPublicKey)
        };
        let token = Biscuit::from_base64(text, choose).ok()?;
        let mut authorizer = self.authorizer.clone().build(&token).ok()?;
        authorizer.authorize().ok()?;
        let found: Vec<Found> = authorizer.query(self.query.clone()).ok()?;
        let [found] = <[Found; 1]>::try_from(found).ok()?;
        let (_, authority) = self.keys.get(&token.root_key_id()?)?;
        Some((claims(found.0)?, authority))
    }
}

impl Token for BiscuitToken {
    fn sign(&self, claims: &Claims) -> String {
        let subject = &claims.subject;
        let person =
            |crew: &Crew| Term::Array(vec![text(&crew.name), text(&crew.tail), Term::Integer(role(crew.role).into())]);
        let Some(Enterprise::Code(enterprise)) = subject.enterprise else { unreachable!("an enterprise with a code") };
        let pass = vec![
            text(&claims.iss),
            Term::Bytes(claims.number.to_bytes().to_vec()),
            Term::Integer(claims.status.idx.into()),
            text(&claims.status.uri),
            Term::Integer(subject.programme.into()),
            text(&subject.tractor),
            subject.trailer.as_deref().map_or(Term::Null, text),
            Term::Array(subject.crew.iter().map(person).collect()),
            Term::Array(subject.route.iter().map(|place| Term::Integer(code(place).into())).collect()),
            Term::Integer(subject.cargo.0.into()),
            Term::Bytes(enterprise.to_vec()),
        ];
        let window = vec![Term::Date(claims.nbf.into()), Term::Date(claims.exp.into())];
        Biscuit::builder()
            .root_key_id(key_id(&ISSUER))
            .fact(Fact::new("pass".into(), pass))
            .and_then(|token| token.fact(Fact::new("window".into(), window)))
            .and_then(|token| token.check(self.check.clone()))
            .and_then(|token| token.build(&self.key))
            .and_then(|token| token.to_base64())
            .expect("claims that can be signed")
    }

    fn verify(&self, text: &str) -> Option<Claims> {
        let (claims, authority) = self.read(text)?;
        (claims.iss == authority).then_some(claims)
    }
}

/// The bytes of the token.
pub fn raw(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE.decode(text).expect("base64url")
}

fn claims(terms: Vec<Term>) -> Option<Claims> {
    let [nbf, exp, iss, jti, idx, uri, prg, trc, trl, crw, rte, crg, ent] = <[Term; 13]>::try_from(terms).ok()?;
    let trailer = match trl {
        Term::Null => None,
        trailer => Some(string(trailer)?),
    };
    Some(Claims {
        iss: string(iss)?,
        nbf: date(nbf)?,
        exp: date(exp)?,
        number: PassNumber::from_bytes(bytes(jti)?)?,
        status: StatusReference { idx: number(idx)?, uri: string(uri)? },
        subject: Subject {
            programme: number(prg)?,
            tractor: string(trc)?,
            trailer,
            crew: array(crw)?.into_iter().map(person).collect::<Option<_>>()?,
            route: array(rte)?.into_iter().map(|term| division(number(term)?)).collect::<Option<_>>()?,
            leg: Leg::Loaded,
            cargo: CargoCategory(number(crg)?),
            enterprise: Some(Enterprise::Code(bytes(ent)?)),
        },
    })
}

fn person(term: Term) -> Option<Crew> {
    let [name, tail, role] = <[Term; 3]>::try_from(array(term)?).ok()?;
    Some(Crew { name: string(name)?, tail: string(tail)?, role: role_of(number(role)?)? })
}

fn text(text: &str) -> Term {
    Term::Str(text.into())
}

fn string(term: Term) -> Option<String> {
    if let Term::Str(text) = term { Some(text) } else { None }
}

fn date(term: Term) -> Option<u32> {
    if let Term::Date(time) = term { time.try_into().ok() } else { None }
}

fn number<T: TryFrom<i64>>(term: Term) -> Option<T> {
    if let Term::Integer(number) = term { number.try_into().ok() } else { None }
}

fn bytes<const N: usize>(term: Term) -> Option<[u8; N]> {
    if let Term::Bytes(bytes) = term { bytes.try_into().ok() } else { None }
}

fn array(term: Term) -> Option<Vec<Term>> {
    if let Term::Array(terms) = term { Some(terms) } else { None }
}

/// The first four bytes of the kid.
fn key_id(seed: &[u8; 32]) -> u32 {
    let [a, b, c, d, ..] = public(seed).1.0;
    u32::from_be_bytes([a, b, c, d])
}
