#ifndef KASA_SERVER_STORE_ATTENTION_QUERIES_H_
#define KASA_SERVER_STORE_ATTENTION_QUERIES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/domain/attention.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/register_memory.h"

// What Store keeps and reads for the attention list; each function is told at Store's function of that name.
namespace kasa::store {

// The statement that reads what is unsettled, for the test that asks SQLite how it would run it.
extern const absl::string_view kSelectUnsettled;

std::vector<domain::FiscalizationFacts> FindUnsettled(Connection& connection);
// As HotStatements() in fiscalization_queries.h.
std::vector<NamedStatement> HotAttentionStatements();
RegisterMemory FindRegisterMemory(Connection& connection, const std::string& register_fiscal_number);

// A report was read.
void NoteReport(Connection& connection, const std::string& register_fiscal_number,
                const ReportFinding& finding);
// What the register answered of a fiscalization contradicts it (the first words stay), or that is settled.
void NoteContradiction(Connection& connection, int64_t fiscalization, const std::string& words,
                       absl::Time now);
void ForgetContradiction(Connection& connection, int64_t fiscalization);
std::vector<RefusedCode> FindRefusedCodes(Connection& connection, const std::string& integration_id);
// A shift was opened by us.
void NoteShiftOpened(Connection& connection, const std::string& register_fiscal_number, absl::Time time);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_ATTENTION_QUERIES_H_
