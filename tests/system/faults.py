"""The simulator's faults as the system tests use them: every kind that it has, with what makes the variants of it."""

WIRE_FAULTS = [
    {"kind": "no_answer_before_commit"}, {"kind": "no_answer_after_commit"},
    {"kind": "cut_after_body", "committed": False}, {"kind": "cut_after_body", "committed": True},
    {"kind": "cut_after_body", "committed": True, "warm_only": True}, {"kind": "cut_mid_answer"},
    {"kind": "http_status", "status": 500}, {"kind": "http_status", "status": 503, "committed": True},
    {"kind": "http_status", "status": 502}, {"kind": "http_status", "status": 429, "retry_after_seconds": 0},
    {"kind": "http_status", "status": 401}, {"kind": "http_status", "status": 302},
    {"kind": "malformed"}, {"kind": "huge"}, {"kind": "slow_drip", "bytes_per_interval": 1},
    {"kind": "refusal", "res": 1034, "res_action": 1}, {"kind": "refusal", "res": 1034, "res_action": 1, "committed": True},
    {"kind": "refusal", "res": 1105, "res_action": 2}, {"kind": "refusal", "res": 1105, "res_action": 2, "committed": True},
    {"kind": "refusal", "res": 1110, "res_action": 3}, {"kind": "refusal", "res": 1123, "res_action": 3},
    {"kind": "wrong_tag"}, {"kind": "wrong_task"}, {"kind": "wrong_sum"}, {"kind": "other_fisid"},
    {"kind": "other_mode"}, {"kind": "missing_doccode"},
]
# These change the register's shift or need a person.
REGISTER_FAULTS = [{"kind": "shift_closed"}, {"kind": "shift_over_24h"}, {"kind": "blocked"}]

# Of the gateway, before they are scaled.
REQUEST_TIMEOUT_S = 60
HOLD_TIME_S = 120


def slow_holds(time_scale):
    """The register is busy for longer than the gateway's patience, and for less than its hold time."""
    hold = {"kind": "hold", "duration_ms": int(REQUEST_TIMEOUT_S * 1000 * time_scale * 1.3)}
    return [{**hold, "then": "cut", "commit_first": True}, {**hold, "then": "answer", "commit_first": False}]
