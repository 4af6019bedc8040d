//! Points in time: RFC 3339 in documents, milliseconds since 1970-01-01T00:00:00Z inside.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserializer, Error as _, Unexpected};
use serde::{Deserialize, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::json::{Done, Fault, Reader};
use super::print::{Print, Writer};
use super::shape::Shape;

/// What a time is told to be where there is none.
const SUCH_A_TIME: &str = "a time of RFC 3339 such as `2026-11-22T10:00:00Z`";

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z. Printed as RFC 3339, UTC, with milliseconds. Documents can
/// name those from [`MIN`](Time::MIN) to [`MAX`](Time::MAX).
///
/// ```
/// use tenantry::document::Time;
/// let time: Time = "2026-11-22T10:00:00+01:00".parse().unwrap();
/// assert_eq!(time.to_string(), "2026-11-22T09:00:00.000Z");
/// assert_eq!(time.0, 1_795_338_000_000);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// The text is not a time of RFC 3339, in UTC between the years 0 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time of RFC 3339 such as `2026-11-22T10:00:00Z`")]
pub struct NotATime;

impl Time {
    /// The first point in time: 0000-01-01T00:00:00.000Z. RFC 3339 has four digits for the year.
    pub const MIN: Time = Time(-62_167_219_200_000);
    /// The last point in time: 9999-12-31T23:59:59.999Z.
    pub const MAX: Time = Time(253_402_300_799_999);

    /// The time `milliseconds` later, or the nearest end of time where there is none.
    #[must_use]
    pub fn plus(self, milliseconds: i64) -> Time {
        Time(self.0.saturating_add(milliseconds)).clamp(Time::MIN, Time::MAX)
    }

    /// Whether a document can name it.
    #[must_use]
    pub fn is_valid(self) -> bool {
        (Time::MIN..=Time::MAX).contains(&self)
    }
}

impl FromStr for Time {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Time, NotATime> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime)?;
        let milliseconds = parsed.unix_timestamp_nanos().div_euclid(1_000_000);
        // In UTC the year can be another than the one that stands there.
        i64::try_from(milliseconds).ok().map(Time).filter(|time| time.is_valid()).ok_or(NotATime)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        // What no document can name is refused where it comes in; here it is the nearest that can be printed.
        let Time(printed) = *self.clamp(&Time::MIN, &Time::MAX);
        let (seconds, milliseconds) = (printed.div_euclid(1000), printed.rem_euclid(1000));
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (date, clock) = (at.date(), at.time());
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let parts = [(0..4, date.year() as u32), (5..7, u8::from(date.month()).into()), (8..10, date.day().into())];
        let rest = [(11..13, clock.hour().into()), (14..16, clock.minute().into()), (17..19, clock.second().into()), (20..23, milliseconds as u32)];
        parts.into_iter().chain(rest).for_each(|(place, number)| write_digits(&mut text[place], number));
        f.write_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// Fills a place with the last digits of a number.
fn write_digits(place: &mut [u8], number: u32) {
    place.iter_mut().rev().fold(number, |rest, digit| {
        *digit = b'0' + (rest % 10) as u8;
        rest / 10
    });
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &SUCH_A_TIME))
    }
}

impl Print for Time {
    fn print(&self, writer: &mut Writer) {
        writer.quoted(&self.to_string());
    }
}

impl Shape for Time {
    fn blank() -> Time {
        Time(0)
    }
    fn read(&mut self, reader: &mut Reader) -> Done {
        let text = reader.string("a string")?;
        *self = text.parse().map_err(|NotATime| Fault::new(format!("invalid value: string {text:?}, expected {SUCH_A_TIME}")))?;
        Ok(())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time", "description": "RFC 3339; printed in UTC with milliseconds" })
    }
}
