#include <array>

#include "server/store/order_books.h"
#include "server/store/receipt_sums.h"
#include "server/store/schema.h"

// The schema, step by step; docs/on-disk-format.md tells what the columns mean. A step that was released is
// never changed: add the next one.
namespace kasa::store {
namespace {

constexpr absl::string_view kVersion1 = R"sql(
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  instance_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  commit_counter INTEGER NOT NULL,
  barrier_counter INTEGER NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  create_time INTEGER NOT NULL
) STRICT;

CREATE TABLE adopted_registers (
  register_fiscal_number TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE adoptions (
  id INTEGER PRIMARY KEY,
  registers TEXT NOT NULL,
  principal TEXT NOT NULL,
  note TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE integrations (
  id TEXT PRIMARY KEY NOT NULL,
  branch_id TEXT NOT NULL,
  legal_entity_id TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  register_fiscal_number TEXT,
  settings BLOB NOT NULL,
  token TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX integrations_one_default ON integrations (branch_id, legal_entity_id)
  WHERE is_default = 1 AND archived = 0;
CREATE UNIQUE INDEX integrations_one_a_register ON integrations (register_fiscal_number)
  WHERE register_fiscal_number IS NOT NULL AND archived = 0;

CREATE TABLE integration_statuses (
  integration_id TEXT PRIMARY KEY NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
  status BLOB NOT NULL,
  status_time INTEGER NOT NULL,
  online_since INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE tag_memory_proofs (
  integration_id TEXT PRIMARY KEY NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
  proof BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE seen_ids (
  integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  id TEXT NOT NULL,
  documents INTEGER NOT NULL,
  last_seen_time INTEGER NOT NULL,
  PRIMARY KEY (integration_id, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE experience (
  integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
  subject INTEGER NOT NULL,
  code INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (integration_id, subject, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE integration_totals (
  integration_id TEXT PRIMARY KEY NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
  fiscalizations INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mappings (
  integration_id TEXT PRIMARY KEY NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
  mapping BLOB NOT NULL,
  update_time INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fiscalizations (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  source_system TEXT NOT NULL,
  kind INTEGER NOT NULL,
  document_id TEXT NOT NULL,
  mode INTEGER NOT NULL,
  integration_id TEXT NOT NULL REFERENCES integrations (id),
  register_fiscal_number TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
  order_id TEXT NOT NULL,
  original_id TEXT NOT NULL,
  original_fiscal_number TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  tag_number INTEGER NOT NULL,
  tag TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  refused_with_this_tag INTEGER NOT NULL,
  last_refusal_res INTEGER,
  lane_position INTEGER NOT NULL,
  next_attempt_time INTEGER,
  expire_time INTEGER,
  last_send_end_time INTEGER,
  last_send_ending INTEGER,
  bound_to_tag INTEGER NOT NULL DEFAULT 0,
  doubt_since_time INTEGER,
  doubt_resolvable_time INTEGER,
  doubt_step INTEGER,
  failure_reason TEXT,
  failure BLOB,
  resolution BLOB,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  change_sequence INTEGER NOT NULL,
  UNIQUE (source_system, kind, document_id, mode)
) STRICT;
CREATE INDEX fiscalizations_lane ON fiscalizations (register_fiscal_number, lane_position, state, create_time)
  WHERE state IN (1, 2, 3);
CREATE INDEX fiscalizations_open_by_integration ON fiscalizations (integration_id) WHERE state IN (1, 2, 3);
CREATE INDEX fiscalizations_by_time ON fiscalizations (create_time, id);
CREATE INDEX fiscalizations_without_receipt ON fiscalizations (create_time, id) WHERE state <> 4;
CREATE INDEX fiscalizations_by_integration ON fiscalizations (integration_id, create_time, id);
CREATE INDEX fiscalizations_by_register ON fiscalizations (register_fiscal_number, create_time, id);
CREATE INDEX fiscalizations_by_order ON fiscalizations (order_id, create_time, id) WHERE order_id <> '';
CREATE INDEX fiscalizations_by_original ON fiscalizations (original_id) WHERE original_id <> '';
CREATE INDEX fiscalizations_by_original_fiscal_number ON fiscalizations (original_fiscal_number)
  WHERE original_fiscal_number <> '';
CREATE INDEX fiscalizations_by_reason ON fiscalizations (failure_reason, create_time, id)
  WHERE failure_reason IS NOT NULL;
CREATE TABLE orders (
  source_system TEXT NOT NULL,
  order_id TEXT NOT NULL,
  mode INTEGER NOT NULL,
  total_kopiykas INTEGER NOT NULL,
  PRIMARY KEY (source_system, order_id, mode)
) STRICT, WITHOUT ROWID;

CREATE TABLE automation_rules (
  id TEXT PRIMARY KEY NOT NULL,
  source_system TEXT NOT NULL,
  kind INTEGER NOT NULL,
  store_id TEXT NOT NULL,
  integration_id TEXT NOT NULL,
  active INTEGER NOT NULL,
  settings BLOB NOT NULL,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  UNIQUE (source_system, store_id, kind)
) STRICT;
CREATE INDEX automation_rules_by_time ON automation_rules (create_time, id);
CREATE INDEX automation_rules_by_integration ON automation_rules (integration_id);

CREATE TABLE automation_reports (
  source_system TEXT NOT NULL,
  kind INTEGER NOT NULL,
  subject_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  state INTEGER NOT NULL,
  total_kopiykas INTEGER,
  received_kopiykas INTEGER NOT NULL,
  rule_id TEXT NOT NULL,
  outcome INTEGER NOT NULL,
  reason TEXT NOT NULL,
  document_id TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  PRIMARY KEY (source_system, kind, subject_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE automation_documents (
  source_system TEXT NOT NULL,
  kind INTEGER NOT NULL,
  subject_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  document_kind INTEGER NOT NULL,
  document_id TEXT NOT NULL,
  fiscalize INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  amount_kopiykas INTEGER NOT NULL,
  document BLOB NOT NULL,
  update_time INTEGER NOT NULL,
  PRIMARY KEY (source_system, kind, subject_id, number)
) STRICT;
CREATE INDEX automation_documents_by_order
  ON automation_documents (source_system, order_id, kind, subject_id, number);

CREATE TABLE paid_documents (
  fiscalization INTEGER PRIMARY KEY REFERENCES fiscalizations (number),
  source_system TEXT NOT NULL,
  document_id TEXT NOT NULL
) STRICT;
CREATE INDEX paid_documents_by_document ON paid_documents (document_id, source_system);

CREATE TABLE contents (
  fiscalization INTEGER PRIMARY KEY REFERENCES fiscalizations (number),
  document BLOB NOT NULL,
  draft BLOB NOT NULL,
  request_body TEXT NOT NULL
) STRICT;

CREATE TABLE receipts (
  fiscalization INTEGER PRIMARY KEY REFERENCES fiscalizations (number),
  register_fiscal_number TEXT NOT NULL,
  fiscal_number TEXT NOT NULL,
  receipt BLOB NOT NULL,
  time INTEGER NOT NULL,
  integration_id TEXT NOT NULL,
  kind INTEGER NOT NULL,
  sts_url TEXT NOT NULL,
  UNIQUE (fiscal_number, register_fiscal_number)
) STRICT;
CREATE INDEX receipts_by_time ON receipts (time, fiscal_number, register_fiscal_number, kind);
CREATE INDEX receipts_by_integration ON receipts (integration_id, time, fiscal_number, register_fiscal_number);
CREATE INDEX receipts_by_register ON receipts (register_fiscal_number, time, fiscal_number);

CREATE TABLE sendings (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  request_id TEXT NOT NULL,
  fiscalization INTEGER NOT NULL REFERENCES fiscalizations (number),
  integration_id TEXT NOT NULL,
  channel INTEGER NOT NULL CHECK (channel BETWEEN 1 AND 2),
  recipient_masked TEXT NOT NULL,
  recipient_hash TEXT NOT NULL,
  outcome INTEGER NOT NULL CHECK (outcome BETWEEN 1 AND 4),
  reason TEXT,
  message TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  answer_time INTEGER
) STRICT;
CREATE UNIQUE INDEX sendings_by_request ON sendings (request_id, channel) WHERE request_id <> '';
CREATE UNIQUE INDEX sendings_once_with_receipt ON sendings (fiscalization, channel) WHERE request_id = '';
CREATE INDEX sendings_in_flight ON sendings (number) WHERE outcome = 1;
CREATE INDEX sendings_by_time ON sendings (create_time, id);
CREATE INDEX sendings_by_integration ON sendings (integration_id, create_time, id);
CREATE INDEX sendings_by_fiscalization ON sendings (fiscalization, create_time, id);

CREATE TABLE exchanges (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  fiscalization_id TEXT NOT NULL,
  integration_id TEXT NOT NULL,
  register_fiscal_number TEXT NOT NULL,
  kind INTEGER NOT NULL,
  tag TEXT NOT NULL,
  request TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  http_status INTEGER NOT NULL,
  answer TEXT NOT NULL,
  outcome TEXT NOT NULL,
  in_flight INTEGER NOT NULL,
  unexplained INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX exchanges_one_in_flight ON exchanges (register_fiscal_number) WHERE in_flight = 1;
CREATE INDEX exchanges_unexplained ON exchanges (register_fiscal_number, kind, tag, id) WHERE unexplained = 1;
CREATE INDEX exchanges_by_fiscalization ON exchanges (fiscalization_id, id);

CREATE TABLE shift_openings (
  register_fiscal_number TEXT PRIMARY KEY NOT NULL,
  number INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  open_time INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE offline_runs (
  register_fiscal_number TEXT PRIMARY KEY NOT NULL,
  since INTEGER NOT NULL,
  receipts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  fiscalization INTEGER NOT NULL REFERENCES fiscalizations (number),
  integration_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  failure BLOB,
  time INTEGER NOT NULL
) STRICT;
)sql";

// What the attention list needs to remember.
constexpr absl::string_view kAttention = R"sql(
CREATE TABLE register_reports (
  register_fiscal_number TEXT PRIMARY KEY NOT NULL,
  time INTEGER NOT NULL,
  paid_until TEXT,
  enough_to_renew INTEGER,
  differ_since INTEGER,
  differing_figures INTEGER NOT NULL,
  differences TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contradictions (
  fiscalization INTEGER PRIMARY KEY REFERENCES fiscalizations (number),
  since INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT;

CREATE TABLE returns_due (
  source_system TEXT NOT NULL,
  order_id TEXT NOT NULL,
  integration_id TEXT NOT NULL,
  cancelled INTEGER NOT NULL,
  received_kopiykas INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (source_system, order_id)
) STRICT, WITHOUT ROWID;
)sql";

// What looking into registers' listings leaves.
constexpr absl::string_view kLooks = R"sql(
CREATE TABLE looks (
  fiscalization INTEGER PRIMARY KEY REFERENCES fiscalizations (number),
  looks INTEGER NOT NULL,
  finding TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE unknown_receipts (
  register_fiscal_number TEXT NOT NULL,
  fiscal_number TEXT NOT NULL,
  tag TEXT NOT NULL,
  ours INTEGER NOT NULL,
  time INTEGER,
  seen_time INTEGER NOT NULL,
  PRIMARY KEY (register_fiscal_number, fiscal_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX unknown_receipts_by_tag ON unknown_receipts (register_fiscal_number, tag) WHERE ours = 1;
)sql";

// The running sums of orders, made of what is there; and the attention list's index.
constexpr absl::string_view kOrderBooks = R"sql(
CREATE TABLE order_books (
  number INTEGER PRIMARY KEY,
  source_system TEXT NOT NULL,
  order_id TEXT NOT NULL,
  mode INTEGER NOT NULL,
  at_most_kopiykas INTEGER NOT NULL,
  at_least_kopiykas INTEGER NOT NULL,
  UNIQUE (order_id, source_system, mode)
) STRICT;

CREATE TABLE order_entries (
  fiscalization INTEGER PRIMARY KEY REFERENCES fiscalizations (number),
  book INTEGER REFERENCES order_books (number),
  is_return INTEGER NOT NULL,
  original INTEGER REFERENCES fiscalizations (number),
  register_fiscal_number TEXT NOT NULL,
  standing INTEGER NOT NULL CHECK (standing BETWEEN 0 AND 2),
  sum_kopiykas INTEGER NOT NULL,
  returned_kopiykas INTEGER NOT NULL,
  surely_returned_kopiykas INTEGER NOT NULL
) STRICT;

CREATE TABLE order_registers (
  book INTEGER NOT NULL REFERENCES order_books (number),
  register_fiscal_number TEXT NOT NULL,
  documents INTEGER NOT NULL,
  PRIMARY KEY (book, register_fiscal_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_goods (
  book INTEGER NOT NULL REFERENCES order_books (number),
  goods INTEGER NOT NULL,
  fiscalization INTEGER NOT NULL,
  PRIMARY KEY (book, goods, fiscalization)
) STRICT, WITHOUT ROWID;

CREATE INDEX fiscalizations_unsettled
  ON fiscalizations (state, id, integration_id, register_fiscal_number, doubt_since_time, update_time,
                     failure_reason)
  WHERE state = 5 OR doubt_since_time IS NOT NULL;
)sql";

// Doubts that leave their lane (the index still holds all that is asked of a lane), and offline receipts.
constexpr absl::string_view kParking = R"sql(
ALTER TABLE fiscalizations ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fiscalizations ADD COLUMN never_park INTEGER NOT NULL DEFAULT 0;
DROP INDEX fiscalizations_lane;
DROP INDEX fiscalizations_unsettled;
CREATE INDEX fiscalizations_unsettled
  ON fiscalizations (state, id, integration_id, register_fiscal_number, doubt_since_time, update_time,
                     failure_reason, parked)
  WHERE state = 5 OR doubt_since_time IS NOT NULL;
DROP TABLE offline_runs;
ALTER TABLE receipts ADD COLUMN offline INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN reached_sts_time INTEGER;
CREATE INDEX receipts_offline ON receipts (register_fiscal_number, time)
  WHERE offline = 1 AND reached_sts_time IS NULL;
CREATE INDEX fiscalizations_lane
  ON fiscalizations (register_fiscal_number, parked, lane_position, state, create_time)
  WHERE state IN (1, 2, 3);
)sql";

// A shift opening for which the register waits.
constexpr absl::string_view kBoundOpening = R"sql(
ALTER TABLE shift_openings ADD COLUMN bound INTEGER NOT NULL DEFAULT 0;
)sql";

// What keeps a long history from being read: sums of receipts, and in each index that lists are read by what
// else they are filtered by and never changes.
constexpr absl::string_view kLongHistory = R"sql(
CREATE TABLE receipt_sums (
  integration_id TEXT NOT NULL,
  hour INTEGER NOT NULL,
  sums BLOB,
  PRIMARY KEY (integration_id, hour)
) STRICT, WITHOUT ROWID;

DROP INDEX fiscalizations_by_time;
DROP INDEX fiscalizations_by_integration;
DROP INDEX fiscalizations_by_register;
DROP INDEX receipts_by_integration;
DROP INDEX receipts_by_register;
CREATE INDEX fiscalizations_by_time ON fiscalizations (create_time, id, kind, source_system);
CREATE INDEX fiscalizations_by_integration ON fiscalizations (integration_id, create_time, id, kind, source_system);
CREATE INDEX fiscalizations_by_register
  ON fiscalizations (register_fiscal_number, create_time, id, kind, source_system);
CREATE INDEX receipts_by_integration
  ON receipts (integration_id, time, fiscal_number, register_fiscal_number, kind);
CREATE INDEX receipts_by_register ON receipts (register_fiscal_number, time, fiscal_number, kind);
)sql";

constexpr std::array<Migration, 7> kMigrations = {Migration{1, kVersion1},
                                                  Migration{2, kAttention},
                                                  Migration{3, kLooks},
                                                  Migration{4, kOrderBooks, &MakeOrderBooks},
                                                  Migration{5, kParking},
                                                  Migration{6, kBoundOpening},
                                                  Migration{7, kLongHistory, &MakeReceiptSums}};

}  // namespace

std::span<const Migration> AllMigrations() {
  return kMigrations;
}

}  // namespace kasa::store
