//! Numbers at random, each from bits of its own.

/// A finalizer of splitmix64: every bit in reaches every bit out.
pub fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Between -1 and 1.
pub fn uniform(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Of mean 0 and variance 1: the sum of four uniform numbers, within 3.5.
pub fn normal(bits: u64) -> f64 {
    let part = |at: u32| f64::from((bits >> (16 * at)) as u16) - 32767.5;
    // The variance of one is 2^32 / 12.
    (part(0) + part(1) + part(2) + part(3)) * (3f64.sqrt() / 65536.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_their_mean_and_variance() {
        let draws = |of: fn(u64) -> f64| -> Vec<f64> { (0..100_000).map(|at| of(mix(at))).collect() };
        for (draws, variance) in [(draws(uniform), 1.0 / 3.0), (draws(normal), 1.0)] {
            let n = draws.len() as f64;
            let mean = draws.iter().sum::<f64>() / n;
            let own = draws.iter().map(|x| x * x).sum::<f64>() / n;
            assert!(mean.abs() < 0.01 && (own / variance - 1.0).abs() < 0.02, "{mean} {own}");
        }
    }
}
