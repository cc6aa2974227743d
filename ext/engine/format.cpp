// Values as text: the parts of a moment, then their digits.
#include "engine/format.hpp"

#include <cstdio>

namespace engine {
namespace {

constexpr int64_t kDayUs = 86400000000;
constexpr int64_t kCycleDays = 146097;    // the calendar repeats after 400 years
constexpr int64_t kDaysTo1970 = 719468;  // from the first of March of the year 0, where the leap day is a year's last

struct Date {
  int64_t year;
  unsigned month, day;
};

// The quotient rounded down, also below zero.
int64_t floor_div(int64_t value, int64_t by) noexcept { return value / by - (value % by < 0); }

// The date of the proleptic Gregorian calendar that is so many days after 1970-01-01.
Date date_of(int64_t days) noexcept {
  days += kDaysTo1970;
  const int64_t cycle = floor_div(days, kCycleDays);
  const auto of_cycle = static_cast<unsigned>(days - cycle * kCycleDays);
  const unsigned years = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
  const unsigned of_year = of_cycle - (years * 365 + years / 4 - years / 100);
  const unsigned month = (of_year * 5 + 2) / 153;  // 0 is March; five months have 153 days
  const unsigned day = of_year - (month * 153 + 2) / 5 + 1;
  return {cycle * 400 + years + (month > 9), month < 10 ? month + 3 : month - 9, day};
}

// `count` decimal digits of a value, leading zeros among them, and where they end.
char* put_digits(char* out, unsigned value, int count) noexcept {
  for (int place = count - 1; place >= 0; --place, value /= 10) out[place] = static_cast<char>('0' + value % 10);
  return out + count;
}

char* put_year(char* out, int64_t year) noexcept {
  if (year >= 0 && year <= 9999) return put_digits(out, static_cast<unsigned>(year), 4);
  return out +
         std::snprintf(out, 8, "%d", static_cast<int>(year));  // within 64 bits of microseconds: -290308 to 294247
}

}  // namespace

size_t format_time(int64_t time_us, char* out) noexcept {
  const int64_t days = floor_div(time_us, kDayUs);
  const auto of_day = static_cast<uint64_t>(time_us) - static_cast<uint64_t>(days) * kDayUs;
  const auto seconds = static_cast<unsigned>(of_day / 1000000);
  const Date date = date_of(days);
  char* at = put_year(out, date.year);
  *at++ = '-';
  at = put_digits(at, date.month, 2);
  *at++ = '-';
  at = put_digits(at, date.day, 2);
  *at++ = ' ';
  at = put_digits(at, seconds / 3600, 2);
  *at++ = ':';
  at = put_digits(at, seconds / 60 % 60, 2);
  *at++ = ':';
  at = put_digits(at, seconds % 60, 2);
  *at++ = '.';
  at = put_digits(at, static_cast<unsigned>(of_day % 1000000), 6);
  for (int zero = 0; zero < 3; ++zero) *at++ = '0';
  return static_cast<size_t>(at - out);
}

}  // namespace engine
