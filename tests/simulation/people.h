#ifndef KASA_TESTS_SIMULATION_PEOPLE_H_
#define KASA_TESTS_SIMULATION_PEOPLE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/kyiv_time.h"
#include "server/domain/fiscalization.h"
#include "server/engine/fiscalizer.h"
#include "tests/simulation/accepted_content.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/gateway_process.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/trace.h"

namespace kasa::simulation {

// What callers know of one document: what they sent, and what they were told.
struct DocumentCase {
  PlannedDocument planned;
  engine::DocumentRequest request;  // as it was sent last
  std::vector<int64_t> dues;        // what a receipt of it may come to: of each content that may be stored
  std::vector<int64_t> every_due;   // of each content that ever was
  std::string fiscalization_id;     // empty: never acknowledged
  std::string told_fiscal_number;   // empty: never told that there is a receipt
  bool may_be_stored = false;       // a call of it was lost, or came out unknown
  bool given_up = false;            // refused for good, or the caller has tried long enough
  int tries = 0;
  int corrections = 0;
  int sent_by_word = 0;  // an operator said that there is no receipt, and to send it
  bool call_open = false;
  // What became of it is lost with a store that was put back, and only people know: they leave it alone.
  bool lost = false;
  // Lost, and perhaps made under a tag that nothing shows to the gateway: it may be made once more
  // (docs/reliability.md).
  bool out_of_sight = false;
  // A register may have made it for a store that was put back since, and this one may never hear of it.
  bool made_before = false;

  bool settled_for_caller() const { return given_up || !fiscalization_id.empty(); }
};

// The callers, and the operator who looks into the ledger. They live outside of the gateway: what they ask of
// it may be lost with it, and then they ask again.
class People {
 public:
  struct World {
    Timeline& timeline;
    Cloud& cloud;
    WireWatch& watch;
    Trace& trace;
    Coverage& coverage;
    const KyivTime& kyiv;
    // The gateway that is at work; null while there is none.
    std::function<GatewayProcess*()> gateway;
    std::function<void()> restart;
  };

  People(World world, const Plan& plan);

  // Puts everything that they will do on the timeline.
  void Begin();
  // The operator settles what waits for one, after a look into the registers' ledgers; and sees to it that
  // every integration works.
  // `all`: whatever is in doubt, for it was tried for long enough. What was sent on an operator's word again
  // and again is given up.
  void SettleDoubts(bool all);
  void RepairIntegrations();
  // The store is an older one from now on. Callers send again what it does not have and no register may have
  // made; the rest they keep in mind.
  void StoreWasPutBack();
  // The operator's word that this store is the one that issues receipts.
  void Adopt(std::function<void(bool)> done);
  // A gateway is at work again: what became of the words of operators whose answers were lost.
  void FindLostResolutions();

  // The gateway that they talk to; null while none is at work.
  GatewayProcess* gateway() const { return world_.gateway(); }

  std::vector<DocumentCase>& cases() { return cases_; }
  DocumentCase* CaseOfKey(const domain::DocumentKey& key);
  const DocumentCase* CaseNamed(const std::string& name) const;

  // The name of the document that is returned; empty of any but a return.
  std::string OriginalOf(const DocumentCase& one) const;
  AcceptedContent& content() { return content_; }

  static std::string IntegrationId(int at_register);

 private:
  void Submit(size_t at);
  void Answered(size_t at, const absl::StatusOr<engine::FiscalizeOutcome>& outcome);
  void Refused(size_t at, const absl::Status& status);
  void TryAgain(size_t at, absl::Duration after);
  void Learn(DocumentCase& one, const domain::Fiscalization& told);
  engine::DocumentRequest RequestFor(const DocumentCase& one) const;
  void Act(const PlannedDeed& action);
  void CheckConnection(size_t at_register);
  void ChangeMapping(int at_register);
  void Correct(size_t at);
  void Resolve(const domain::Fiscalization& doubted, bool give_up);
  void SetActive(int at_register, bool active);
  void SetToken(int at_register);

  World world_;
  const Plan& plan_;
  std::vector<DocumentCase> cases_;
  AcceptedContent content_;
  std::map<int, int> mappings_;  // by register: the version that was asked for last
  bool store_was_put_back_ = false;
  std::map<std::string, std::string> open_resolutions_;  // fiscalization id -> tag
};

// A refusal as callers see it: its code and reason.
std::string WordsOf(const absl::Status& status);

// The tag of a document, by the rule as it is written down (architecture.md, rule 5).
std::string TagByTheRule(const domain::DocumentKey& key, int number);

// What a receipt over `kopiykas`, paid in cash, comes to (vchasno-kasa-api.md, "Arithmetic").
int64_t RoundedCash(int64_t kopiykas, domain::CashRounding step);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_PEOPLE_H_
