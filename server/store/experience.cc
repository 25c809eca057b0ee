#include "server/store/experience.h"

#include "server/store/errors.h"
#include "server/store/integration_rows.h"
#include "server/store/integration_store.h"
#include "server/store/record_values.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

using domain::Lesson;
using domain::LessonSubject;
using domain::SeenId;
using domain::SeenKind;

// Adds to a row that is there. False when there is none.
bool UpdateSeen(Connection& connection, const std::string& integration_id, const SeenId& seen) {
  return connection
             .Prepare(
                 "UPDATE seen_ids SET documents = documents + ?, last_seen_time = max(last_seen_time, ?)"
                 " WHERE integration_id = ? AND kind = ? AND id = ?")
             .Bind(seen.documents, seen.last_seen_time, integration_id, static_cast<int>(seen.kind), seen.id)
             .Run() > 0;
}

void InsertSeen(Connection& connection, const std::string& integration_id, const SeenId& seen) {
  connection
      .Prepare(
          "INSERT INTO seen_ids (integration_id, kind, id, documents, last_seen_time)"
          " VALUES (?, ?, ?, ?, ?)")
      .Bind(integration_id, static_cast<int>(seen.kind), seen.id, seen.documents, seen.last_seen_time)
      .Run();
}

// Callers that make up ids must not fill the disk.
void DropOldestSeen(Connection& connection, const std::string& integration_id, SeenKind kind) {
  connection
      .Prepare(
          "DELETE FROM seen_ids WHERE integration_id = ?1 AND kind = ?2 AND id IN"
          " (SELECT id FROM seen_ids WHERE integration_id = ?1 AND kind = ?2"
          " ORDER BY last_seen_time DESC, id LIMIT -1 OFFSET ?3)")
      .Bind(integration_id, static_cast<int>(kind), kMaxSeenIds)
      .Run();
}

Lesson ReadLesson(const Query& query, int column) {
  return {.subject = EnumFrom(query.Int(column), LessonSubject::kTaxGroup, LessonSubject::kTestReceipt,
                              "subject of a lesson"),
          .code = query.Int(column + 1),
          .refused = query.Bool(column + 2)};
}

}  // namespace

bool AddSeen(Connection& connection, const std::string& integration_id, const std::vector<SeenId>& seen) {
  if (!FindRecord(connection, integration_id)) return false;
  bool new_tax = false;
  bool new_method = false;
  for (const SeenId& one : seen) {
    if (UpdateSeen(connection, integration_id, one)) continue;
    InsertSeen(connection, integration_id, one);
    (one.kind == SeenKind::kTax ? new_tax : new_method) = true;
  }
  if (new_tax) DropOldestSeen(connection, integration_id, SeenKind::kTax);
  if (new_method) DropOldestSeen(connection, integration_id, SeenKind::kPaymentMethod);
  return true;
}

std::vector<SeenId> FindSeen(Connection& connection, const std::string& integration_id) {
  Query query = connection.Prepare(
      "SELECT kind, id, documents, last_seen_time FROM seen_ids WHERE integration_id = ? ORDER BY kind, id");
  query.Bind(integration_id);
  std::vector<SeenId> seen;
  while (query.Step()) {
    seen.push_back({.kind = EnumFrom(query.Int(0), SeenKind::kTax, SeenKind::kPaymentMethod, "kind of id"),
                    .id = query.Text(1),
                    .documents = query.Int64(2),
                    .last_seen_time = query.Time(3)});
  }
  return seen;
}

void StoreLessons(Connection& connection, const std::string& integration_id,
                  const std::vector<Lesson>& lessons, absl::Time now) {
  for (const Lesson& lesson : lessons) {
    connection
        .Prepare(
            "INSERT INTO experience (integration_id, subject, code, refused, time) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (integration_id, subject, code) DO UPDATE SET refused = excluded.refused,"
            " time = excluded.time")
        .Bind(integration_id, static_cast<int>(lesson.subject), lesson.code, lesson.refused, now)
        .Run();
  }
}

void ForgetRefusals(Connection& connection, const std::string& integration_id,
                    const std::vector<Lesson>& lessons) {
  for (const Lesson& lesson : lessons) {
    connection
        .Prepare(
            "DELETE FROM experience WHERE integration_id = ? AND subject = ? AND code = ? AND refused = 1")
        .Bind(integration_id, static_cast<int>(lesson.subject), lesson.code)
        .Run();
  }
}

domain::Experience FindExperience(Connection& connection, const std::string& integration_id) {
  Query query = connection.Prepare("SELECT subject, code, refused FROM experience WHERE integration_id = ?");
  query.Bind(integration_id);
  domain::Experience experience;
  while (query.Step()) domain::Learn(ReadLesson(query, 0), experience);
  return experience;
}

std::map<std::string, domain::Experience> AllExperience(Connection& connection) {
  Query query = connection.Prepare("SELECT integration_id, subject, code, refused FROM experience");
  std::map<std::string, domain::Experience> all;
  while (query.Step()) domain::Learn(ReadLesson(query, 1), all[query.Text(0)]);
  return all;
}

absl::StatusOr<bool> StoreProof(Connection& connection, const std::string& integration_id,
                                const domain::TagMemoryProof& proof) {
  if (!FindRecord(connection, integration_id)) return NoSuchIntegration(integration_id);
  connection
      .Prepare(
          "INSERT INTO tag_memory_proofs (integration_id, proof) VALUES (?, ?)"
          " ON CONFLICT (integration_id) DO UPDATE SET proof = excluded.proof")
      .Bind(integration_id, Blob{EncodeProof(proof)})
      .Run();
  return true;
}

}  // namespace kasa::store
