//! Choices out of bytes. Where the bytes end every choice is 0, the ordinary one.

/// Choices that are left.
pub struct Source<'b> {
    rest: &'b [u8],
}

impl<'b> Source<'b> {
    /// Chooses by these bytes.
    pub fn new(bytes: &'b [u8]) -> Self {
        Source { rest: bytes }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    /// A number below `n`, of two bytes where one does not reach.
    pub fn below(&mut self, n: usize) -> usize {
        let number =
            if n <= 256 { self.byte().into() } else { usize::from(self.byte()) << 8 | usize::from(self.byte()) };
        number % n.max(1)
    }

    /// Whether something happens that happens once in `n` times, and not by the byte 0.
    pub fn one_in(&mut self, n: u8) -> bool {
        self.byte() % n == n - 1
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// `t`, or a second before or after it.
    pub fn near(&mut self, t: u64) -> u64 {
        match self.below(3) {
            0 => t,
            1 => t.saturating_sub(1),
            _ => t.saturating_add(1),
        }
    }

    /// The same for a `t32`.
    pub fn near32(&mut self, t: u32) -> u32 {
        u32::try_from(self.near(t.into())).unwrap_or(u32::MAX)
    }
}
