//! The two laws that hold whatever the distributions are.

/// Little's law: how many are inside on average, from how many arrive a second and how long each stays.
///
/// L = lambda W. Source: J. D. C. Little, "A proof for the queuing formula L = lambda W", Operations Research 9, 1961.
///
/// ```
/// assert_eq!(appia_compile::queueing::little(50.0, 0.2), 10.0);
/// ```
pub fn little(rate: f64, stay: f64) -> f64 {
    rate * stay
}

/// The interactive response-time law: how many requests a second come from `users` who think between two requests.
///
/// lambda = N / (R + Z). Sizing takes R = 0, the safe side: the faster the answer, the sooner the next request.
/// Source: P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models", Computing Surveys 10,
/// 1978.
///
/// ```
/// assert_eq!(appia_compile::queueing::users_to_rate(700.0, (0.0, 7.0)), 100.0);
/// ```
pub fn users_to_rate(users: f64, (response, think): (f64, f64)) -> f64 {
    users / (response + think)
}
