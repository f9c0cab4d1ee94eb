//! Resource Manager's request limit: a second's budget per subscription, refused with 429 when spent.

use super::{
    fault::Fault,
    http::{Millis, Request},
    place::Place,
    store::Store,
};

impl Store {
    /// Refuses a request above the subscription's budget.
    pub fn throttle(&mut self, request: &Request, now: Millis) -> Option<Fault> {
        let limit = self.settings.requests_per_second;
        if limit == 0 {
            return None;
        }
        let second = now / 1000;
        if self.budget.0 != second {
            self.budget = (second, 0);
        }
        self.budget.1 += 1;
        if self.budget.1 <= limit {
            return None;
        }
        let subscription = Place::of(&request.path).subscription.unwrap_or_default();
        let message = format!("Request is temporarily throttled because subscription {subscription} has issued too many requests. Retry after 2 seconds.");
        let mut fault = Fault::gateway(429, "429", message);
        fault.retry_after = Some(2);
        fault.cause = None;
        Some(fault)
    }
}
