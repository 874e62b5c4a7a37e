//! Who watches: so many streams altogether, and so many of one network, so that one stranger cannot take every place.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use super::rates::network;
use super::status::{RETRY_WATCHERS, Reason, exhausted};
use crate::config::Limits;

/// The places of those who watch.
#[derive(Clone)]
pub struct Watchers {
    places: Arc<Semaphore>,
    most_of_one: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// The place of one who watches, until it is dropped.
pub struct Place {
    network: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Watchers {
    /// As many as configured.
    pub fn new(limits: &Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.watchers)),
            most_of_one: limits.watchers_per_network,
            taken: Arc::default(),
        }
    }

    /// A place for that peer.
    pub fn take(&self, peer: IpAddr) -> Result<Place, Status> {
        let full = || exhausted(Reason::Watchers, "too many streams; fetch bundles instead", RETRY_WATCHERS);
        let permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_| full())?;
        let network = network(peer);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_one = taken.entry(network).or_insert(0);
        if *of_one >= self.most_of_one {
            return Err(full());
        }
        *of_one += 1;
        Ok(Place { network, taken: Arc::clone(&self.taken), _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(&self.network).map_or(0, |of_one| of_one.saturating_sub(1));
        if left == 0 {
            taken.remove(&self.network);
        } else {
            taken.insert(self.network, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watchers(all: usize, of_one: usize) -> Watchers {
        Watchers::new(&Limits { watchers: all, watchers_per_network: of_one, ..Limits::default() })
    }

    #[test]
    fn one_network_cannot_take_every_place_and_a_place_that_is_left_is_free_again() {
        let watchers = watchers(10, 2);
        let (one, same, other) = ("2001:db8::1", "2001:db8::2", "192.0.2.1");
        let take = |peer: &str| watchers.take(peer.parse().unwrap());
        let (first, _second) = (take(one).unwrap(), take(same).unwrap());
        let full = take(one).err().unwrap();
        assert_eq!(full.code(), tonic::Code::ResourceExhausted);
        let _other = take(other).unwrap();
        drop(first);
        let _third = take(same).unwrap();
        assert!(take(one).is_err());
    }

    #[test]
    fn all_together_have_their_bound_and_a_refused_one_holds_nothing() {
        let watchers = watchers(2, 1);
        let take = |peer: &str| watchers.take(peer.parse().unwrap());
        let first = take("192.0.2.1").unwrap();
        assert!(take("192.0.2.1").is_err());
        let _second = take("192.0.2.2").unwrap();
        assert!(take("192.0.2.3").is_err());
        drop(first);
        drop(take("192.0.2.3").unwrap());
        assert_eq!(watchers.taken.lock().unwrap().len(), 1, "who has gone is forgotten");
    }
}
