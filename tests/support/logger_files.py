"""Files of loggers as their programs lay them out: every number, name and time here is made up.

Each is typed from the layout that a genuine file showed; none of it was copied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schema.vocabulary import DayOrder, TemperatureUnit
from tracker.readings.values import Declared, Format

NOW = datetime(2026, 12, 1, tzinfo=UTC)
"""When the files are read: no reading is later."""

_UTC = timedelta()
_WINTER = timedelta(hours=-5)

HOBOWARE = """\
"Plot Title: dewar four"
"#","Date Time, GMT-05:00","K-Type, °F (LGR S/N: 10440192, SEN S/N: 10440192, LBL: vapor)",\
"Host Connected (LGR S/N: 10440192)","End Of File (LGR S/N: 10440192)"
1,11/28/26 11:40:00 PM,-300.46,,
2,11/28/26 11:50:00 PM,-299.92,,
3,11/29/26 12:00:00 AM,-238,,
4,11/29/26 12:10:00 AM,-236.2,,
5,11/29/26 12:20:00 AM,-292.0,,
6,11/29/26 12:24:11 AM,,Logged,
7,11/29/26 12:25:00 AM,,,Logged
"""
HOBOWARE_UTC = """\
"Date Time, GMT+00:00","Temp, °C (LGR S/N: 10755999, SEN S/N: 10755999)",\
Coupler Detached (LGR S/N: 10755999),Stopped (LGR S/N: 10755999),End Of File (LGR S/N: 10755999)
2026-11-02 18:00,4.243,Logged,,
2026-11-03 19:00,5.87,,,
2026-11-03 20:00,6.585,,,
2026-11-03 21:00,6.661,,,
2026-11-04 0:00,7.67,,,
2026-11-04 0:48,,Logged,,
2026-11-04 0:49,,,Logged,Logged
"""
HOBOWARE_SEMICOLON = """\
"Date Time, GMT-07:00";"Temp, °F";"Coupler Detached";"End Of File"
"05/29/26 06.00.00 PM";40,1;"";""
"05/29/26 06.10.00 PM";41,36;"";""
"05/29/26 06.20.00 PM";41,9;"";""
"05/29/26 06.30.00 PM";"";"Logged";"Logged"
"""
HOBOWARE_TAB = (
    "Date Time\tTemp (°C)  #9724001\tTemp (°C)  #9724001\tCoupler Detached\tEnd Of File\n"
    "2026-05-29 18:00\t4.1\t21.5\t\t\n"
    "2026-05-29 18:10\t4.3\t21.6\t\t\n"
    "2026-05-29 18:20\t4.2\t21.6\t\t\n"
    "2026-05-29 18:21\t\t\tLogged\tLogged\n"
)
HOBOCONNECT = """\
#,Date-Time (ADT),Temperature   (°C),Millivolts   (mv),Button Down,Host Connected,End of File
1,10-25-2026 15:30:00,3.93,-49.11,,,
2,10-25-2026 15:40:00,4.14,-49.22,,,
3,10-25-2026 15:50:00,5.00,-49.13,,,
4,10-25-2026 15:55:31,,,Logged,,
5,10-25-2026 16:00:00,4.75,-49.22,,,
6,10-25-2026 16:01:12,,,,Logged,Logged
"""
MADGETECH_2 = """\
"%DATA MadgeTech Data File",""
"SerialNumber","N49213"
"DeviceName","CryoTemp"
"StartDate","46354.250000"
"EndDate","46354.270833"
"ReadingRate","R10M"
"Series","4"
"TimeZone","TZUTC-050000|STANDARD|EST"
"Channels","1"
"UnitType(0)","UTYPTEMPERATURE"
"TemperatureUnit(0)","UNITDEGREESC"
"[Display]"
"[Reading]"
"# ID #","# DateTime #","# Temperature #","# StatusByte #","# Annotation #","# Status #","# Selections #"
"0","46354.250000","-189.4","0","","&B10000000","&B00000000"
"1","46354.256944","-189.1","0","","&B10000000","&B00000000"
"2","46354.263889","-149.99","0","","&B10000000","&B00000000"
"3","46354.270833","-188.75","0","","&B10000000","&B00000000"
"[End Reading]"
"""
MADGETECH_4 = """\
Device Name,Model,Serial Number
Shipper 12,CryoTemp,N51007
Start Time,11/20/2026 08:00:00,
Reading #,Date,Time,Annotation,"Temperature, °C"
1,11/20/2026,08:00:00 AM,,-190.2
2,11/20/2026,08:10:00 AM,,-190.1
3,11/20/2026,08:20:00 AM,,-188.7
4,11/20/2026,08:30:00 AM,,-189.0
"""
_CERTIFIED = """\
Cert:
 Vers: 1.0
 Lot: 30114402
 Issuer: made up
 Public Key: 00ff00ff
Sig Cert: 11ee11ee
Sig: 22dd22dd
"""
Q_TAG = (
    """\
Device: Q-tag CLm doc LR
Vers: 1.9
Sensor: 1
Conf:
 Serial: RCPJ99001
 Zone: 0.00
 Moving Avrg: 1
 User String 1: box "four
 User String 2:
 Logging Interval: 10
 Alarm:
  1:
   Type: 2, T AL: 8.0, t AL: 30
Res:
 TS Start: 2026-11-08 21:29
 TS Stop: 2026-11-08 22:41
 Max T: 19.0, TS Max T: 2026-11-08 22:09
Marker:
\tNumber\tT\tyyyy-MM-dd hh:mm\t
Data:
\tyyyy-MM-dd hh:mm\tT\tOut of limits
\t2026-11-08 21:29\t2.1\t
\t2026-11-08 21:39\t2.2\t
\t2026-11-08 21:49\t7.0\t
\t2026-11-08 21:59\t15.1\tx
\t2026-11-08 22:09\t19.0\tx
\t2026-11-08 22:19\t7.9\t
"""
    + _CERTIFIED
)
_HISTORY = """\
 {day}:
  Date: 2026-11-{day:02d}
  Min T: +2.0, TS Min T: 00:00
  Max T: +8.0, TS Max T: 04:57
"""
_FRIDGE = """\
Device: Q-tag Fridge-tag 2{kind}
Vers: 0.5
Conf:
 Serial: 130500990001
 Zone: 0.00
 User Clock Config: 1
 Temp unit: C
Hist:
 TS Actv: 2026-11-01 02:22
"""
_DAYS = "".join(_HISTORY.format(day=day) for day in range(1, 9))
FRIDGE_TAG = (
    _FRIDGE.format(kind=" L")
    + _DAYS
    + """\
Data:
\tyyyy-MM-dd hh:mm\tT\tOut of limits
\t2026-11-08 00:05\t+2.0
\t2026-11-08 06:05\t+5.1
\t2026-11-08 06:10\t+8.4\tx
\t2026-11-08 06:15\t+7.9
"""
    + _CERTIFIED
)
FRIDGE_TAG_WITHOUT_READINGS = _FRIDGE.format(kind="") + _DAYS + _CERTIFIED
LOGTAG = """\
Serial #,A0200017731
Description,fridge seven
Reading interval,5 minutes
Non alert range,2.0  to  8.0 °C
Number of readings,4
Reading,Date,Time,Temperature (°C)
1,2026-10-03,08:00:00,4.1
2,2026-10-03,08:05:00,4.4
3,2026-10-03,08:10:00,9.0
4,2026-10-03,08:15:00,4.6
"""
LASCAR = """\
Logger Name: cold room 2
Serial Number:,99010447
Date (DD/MM/YYYY),Time (HH:mm:ss),Temperature (°C),Humidity (%rh)
03/10/2026,08:00:00,4.5,61.0
03/10/2026,08:10:00,4.5,61.5
03/10/2026,08:20:00,5.0,61.5
03/10/2026,08:30:00,4.0,60.0
"""
EL_USB = """\
cold room 3,Time,Celsius(°C),Serial Number
1,30/09/2026 11:00:00,4.5,010099416
2,30/09/2026 11:10:00,5.0
3,30/09/2026 11:20:00,8.5
4,30/09/2026 11:30:00,4.5
"""
GENERIC = """\
serial,4411
interval_s,600
time,celsius
2026-11-28T03:40:00Z,-184.2
2026-11-28T03:50:00Z,-183.9
2026-11-28T05:00:00+01:00,-149.9
2026-11-28T04:10:00Z,-128
2026-11-28T04:20:00.250Z,-149.50
2026-11-28T04:30:00Z,-151.0
"""
GENERIC_LOCAL = """\
serial,4411
zone,+05:30
time,fahrenheit
2026-11-28 03:40:00,-238.0
2026-11-28 03:50:00,-237.9
2026-11-28 04:00:00,-310.5
"""


@dataclass(frozen=True, slots=True)
class LoggerFile:
    """A file, what a person has to say of it, and as what it is read."""

    text: str
    declared: Declared
    file_format: Format
    encoding: str = "utf-8"

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.text.encode(self.encoding)


FILES: Mapping[str, LoggerFile] = {
    "hoboware": LoggerFile(HOBOWARE, Declared(), Format.HOBOWARE, "utf-8-sig"),
    "hoboware-utc": LoggerFile(HOBOWARE_UTC, Declared(), Format.HOBOWARE),
    "hoboware-semicolon": LoggerFile(
        HOBOWARE_SEMICOLON, Declared(serial="9724002"), Format.HOBOWARE, "cp1252"
    ),
    "hoboware-tab": LoggerFile(HOBOWARE_TAB, Declared(offset=_UTC, channel=2), Format.HOBOWARE, "utf-16"),
    "hoboconnect": LoggerFile(
        HOBOCONNECT, Declared(offset=timedelta(hours=-3), serial="22058000"), Format.HOBOCONNECT
    ),
    "madgetech-2": LoggerFile(MADGETECH_2, Declared(offset=_WINTER), Format.MADGETECH_2),
    "madgetech-4": LoggerFile(MADGETECH_4, Declared(offset=_WINTER), Format.MADGETECH_4, "cp1252"),
    "q-tag": LoggerFile(Q_TAG, Declared(unit=TemperatureUnit.CELSIUS), Format.Q_TAG),
    "fridge-tag": LoggerFile(FRIDGE_TAG, Declared(offset=_UTC), Format.FRIDGE_TAG),
    "logtag": LoggerFile(LOGTAG, Declared(offset=timedelta(hours=1)), Format.LOGTAG),
    "lascar": LoggerFile(LASCAR, Declared(offset=_UTC), Format.LASCAR),
    "el-usb": LoggerFile(EL_USB, Declared(offset=_UTC, days=DayOrder.DAY_FIRST), Format.EL_USB, "cp1252"),
    "generic": LoggerFile(GENERIC, Declared(), Format.GENERIC),
    "generic-local": LoggerFile(GENERIC_LOCAL, Declared(), Format.GENERIC),
}
