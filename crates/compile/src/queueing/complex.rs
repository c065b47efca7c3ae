//! Complex numbers, as far as Laplace transforms need them.
//!
//! Used by `queue`, `journey` and `inversion`. Only what they call stands here.

use std::ops::{Add, Mul};

/// `re + i im`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Complex {
    /// 1.
    pub const ONE: Complex = Complex { re: 1.0, im: 0.0 };

    /// A real number.
    pub const fn real(re: f64) -> Complex {
        Complex { re, im: 0.0 }
    }

    /// This number times a real one.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Complex {
        Complex { re: self.re * factor, im: self.im * factor }
    }

    /// One divided by this number.
    #[must_use]
    pub fn inverse(self) -> Complex {
        let square = self.re * self.re + self.im * self.im;
        Complex { re: self.re / square, im: -self.im / square }
    }

    /// e to the power of this number.
    #[must_use]
    pub fn exp(self) -> Complex {
        let size = libm::exp(self.re);
        Complex { re: size * libm::cos(self.im), im: size * libm::sin(self.im) }
    }

    /// The principal value of this number to a real power.
    #[must_use]
    pub fn power(self, exponent: f64) -> Complex {
        if exponent == -1.0 {
            return self.inverse();
        }
        let logarithm = libm::log(libm::hypot(self.re, self.im));
        let angle = libm::atan2(self.im, self.re);
        Complex { re: logarithm * exponent, im: angle * exponent }.exp()
    }

    /// This number to a whole power, by repeated squaring.
    #[must_use]
    pub fn whole_power(self, mut exponent: u64) -> Complex {
        let (mut base, mut product) = (self, Complex::ONE);
        while exponent > 0 {
            if exponent % 2 == 1 {
                product = product * base;
            }
            base = base * base;
            exponent /= 2;
        }
        product
    }
}

impl Add for Complex {
    type Output = Complex;

    fn add(self, other: Complex) -> Complex {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Mul for Complex {
    type Output = Complex;

    fn mul(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}
