//! How much one stranger may ask for: by address, in this process. What many replicas allow together is their sum.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tonic::Status;

use super::status::{Reason, exhausted};
use crate::config;

/// After so many questions the addresses that have been quiet are forgotten, so that strangers cannot fill the memory.
const FORGET_EVERY: u32 = 4_096;

/// The rates of one process.
#[derive(Clone)]
pub struct Rates {
    numbers: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    reports: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    asked: Arc<AtomicU32>,
}

impl Rates {
    /// As configured; 0 is read as 1.
    pub fn new(rates: &config::Rates) -> Self {
        let limiter = |per_minute: u32| {
            let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
            Arc::new(RateLimiter::keyed(quota))
        };
        Self {
            numbers: limiter(rates.check_by_number_per_minute),
            reports: limiter(rates.scan_reports_per_minute),
            asked: Arc::new(AtomicU32::new(0)),
        }
    }

    /// One look-up by number.
    pub fn check_by_number(&self, peer: IpAddr) -> Result<(), Status> {
        self.take(&self.numbers, peer, 1, Reason::CheckRate)
    }

    /// So many scan reports.
    pub fn report_scans(&self, peer: IpAddr, reports: usize) -> Result<(), Status> {
        self.take(&self.reports, peer, u32::try_from(reports).unwrap_or(u32::MAX), Reason::ReportRate)
    }

    fn take(
        &self,
        limiter: &DefaultKeyedRateLimiter<IpAddr>,
        peer: IpAddr,
        cells: u32,
        reason: Reason,
    ) -> Result<(), Status> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.numbers.retain_recent();
            self.reports.retain_recent();
        }
        let Some(cells) = NonZeroU32::new(cells) else { return Ok(()) };
        match limiter.check_key_n(&network(peer), cells) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(later)) => {
                let wait = later.wait_time_from(DefaultClock::default().now());
                Err(exhausted(reason, "too many in a minute", wait))
            }
            Err(_) => Err(exhausted(reason, "more at once than a minute allows", std::time::Duration::from_secs(60))),
        }
    }
}

/// Who counts as one: an IPv4 address, or the 64 bits of an IPv6 network, of which one host has all the addresses.
pub(super) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            octets[8..].fill(0);
            IpAddr::V6(Ipv6Addr::from(octets))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(per_minute: u32) -> Rates {
        Rates::new(&config::Rates { check_by_number_per_minute: per_minute, scan_reports_per_minute: per_minute })
    }

    #[test]
    fn one_address_does_not_use_up_what_another_may() {
        let rates = rates(3);
        let (one, two) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for _ in 0..3 {
            rates.check_by_number(one).unwrap();
        }
        let status = rates.check_by_number(one).unwrap_err();
        assert_eq!(status.code(), tonic::Code::ResourceExhausted);
        rates.check_by_number(two).unwrap();
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let rates = rates(1);
        rates.check_by_number("2001:db8::1".parse().unwrap()).unwrap();
        assert!(rates.check_by_number("2001:db8::2".parse().unwrap()).is_err());
        rates.check_by_number("2001:db8:0:1::1".parse().unwrap()).unwrap();
    }

    #[test]
    fn more_reports_than_a_minute_allows_are_refused_not_forever_waited_for() {
        let rates = rates(10);
        let peer = "192.0.2.1".parse().unwrap();
        assert!(rates.report_scans(peer, 11).is_err());
        rates.report_scans(peer, 10).unwrap();
    }
}
