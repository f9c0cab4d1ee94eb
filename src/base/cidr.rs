//! Address prefixes, IPv4 and IPv6: parsing, containment, overlap, subdivision.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A prefix with no host bits set. Orders by family, first address, then length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix {
    pub v6: bool,
    /// First address, as an integer (the low 32 bits for IPv4).
    pub base: u128,
    pub len: u8,
}

/// Why a text is not a prefix.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum PrefixError {
    /// Not of the form `address/length`.
    Malformed(String),
    /// Well formed, but bits beyond the length are set; holds the prefix that was probably meant.
    HostBits { given: String, network: Prefix },
}

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrefixError::Malformed(text) => write!(f, "{text:?} is not an address prefix such as 10.0.0.0/24"),
            PrefixError::HostBits { given, network } => write!(f, "{given} has bits set beyond its length; the network is {network}"),
        }
    }
}
impl std::error::Error for PrefixError {}

impl Prefix {
    /// The prefix of the given length that contains the address.
    pub fn around(address: IpAddr, len: u8) -> Option<Prefix> {
        let (v6, bits) = to_bits(address);
        let width = if v6 { 128 } else { 32 };
        if len > width {
            return None;
        }
        Some(Prefix { v6, base: bits & !host_mask(width - len), len })
    }

    pub fn width(self) -> u8 {
        if self.v6 { 128 } else { 32 }
    }

    /// Number of host bits.
    pub fn host_bits(self) -> u8 {
        self.width() - self.len
    }

    /// Number of addresses; saturates for `::/0`.
    pub fn size(self) -> u128 {
        1u128.checked_shl(u32::from(self.host_bits())).unwrap_or(u128::MAX)
    }

    pub fn first(self) -> IpAddr {
        from_bits(self.v6, self.base)
    }

    pub fn last(self) -> IpAddr {
        from_bits(self.v6, self.last_bits())
    }

    /// Last address as an integer.
    pub fn last_bits(self) -> u128 {
        self.base | host_mask(self.host_bits())
    }

    pub fn contains_address(self, address: IpAddr) -> bool {
        let (v6, bits) = to_bits(address);
        v6 == self.v6 && self.base <= bits && bits <= self.last_bits()
    }

    pub fn contains(self, other: Prefix) -> bool {
        self.v6 == other.v6 && self.base <= other.base && other.last_bits() <= self.last_bits()
    }

    pub fn overlaps(self, other: Prefix) -> bool {
        self.v6 == other.v6 && self.base <= other.last_bits() && other.base <= self.last_bits()
    }

    /// The `n`-th address from the start, or from the end when negative (-1 is the last); `None` outside the prefix.
    pub fn host(self, n: i128) -> Option<IpAddr> {
        let offset = if n >= 0 { n as u128 } else { self.size().checked_sub(n.unsigned_abs())? };
        if offset >= self.size() { None } else { Some(from_bits(self.v6, self.base + offset)) }
    }

    /// The `index`-th prefix that is `new_bits` longer; `None` when it does not exist.
    pub fn subnet(self, new_bits: u8, index: u128) -> Option<Prefix> {
        let len = self.len.checked_add(new_bits).filter(|l| *l <= self.width())?;
        if new_bits < 128 && index >= 1u128 << new_bits {
            return None;
        }
        let step = u32::from(self.width() - len);
        Some(Prefix { v6: self.v6, base: self.base | index.checked_shl(step).unwrap_or(0), len })
    }

    /// Usable addresses of an Azure subnet of this prefix: Azure keeps five in each
    /// (network, gateway, two for DNS, broadcast). Source: Azure virtual network FAQ.
    pub fn azure_usable(self) -> u128 {
        self.size().saturating_sub(5)
    }

    /// Whether Azure keeps the address for itself: the first four and the last of a subnet.
    pub fn azure_reserves(self, address: IpAddr) -> bool {
        let (v6, bits) = to_bits(address);
        v6 == self.v6 && self.contains_address(address) && (bits - self.base < 4 || bits == self.last_bits())
    }

    pub fn netmask(self) -> IpAddr {
        from_bits(self.v6, host_mask(self.width()) & !host_mask(self.host_bits()))
    }
}

fn host_mask(bits: u8) -> u128 {
    if bits >= 128 { u128::MAX } else { (1u128 << bits) - 1 }
}

/// Family (is it IPv6) and the address as an integer.
pub fn to_bits(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(a) => (false, u128::from(u32::from(a))),
        IpAddr::V6(a) => (true, u128::from(a)),
    }
}

/// The inverse of [`to_bits`].
pub fn from_bits(v6: bool, bits: u128) -> IpAddr {
    if v6 { IpAddr::V6(Ipv6Addr::from(bits)) } else { IpAddr::V4(Ipv4Addr::from(bits as u32)) }
}

impl TryFrom<String> for Prefix {
    type Error = PrefixError;

    fn try_from(text: String) -> Result<Prefix, PrefixError> {
        text.parse()
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> String {
        prefix.to_string()
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Prefix, PrefixError> {
        let malformed = || PrefixError::Malformed(text.to_owned());
        let (address, len) = text.split_once('/').ok_or_else(malformed)?;
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        if len.is_empty() || len.len() > 3 || !len.bytes().all(|b| b.is_ascii_digit()) || (len.len() > 1 && len.starts_with('0')) {
            return Err(malformed());
        }
        let len = len.parse().map_err(|_| malformed())?;
        let network = Prefix::around(address, len).ok_or_else(malformed)?;
        if network.first() == address { Ok(network) } else { Err(PrefixError::HostBits { given: text.to_owned(), network }) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first(), self.len)
    }
}
