//! Who filed, for where, for which year, and which captures are copies of one report
