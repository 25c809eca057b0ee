// Uses each part of the installed library: its own headers, the contract's and google.rpc's, and a call.
#include <google/rpc/error_details.pb.h>
#include <kasa/client/client.h>
#include <kasa/v1/document.pb.h>

#include <iostream>
#include <optional>

int main() {
  const auto elsewhere = kasa::client::Client::Connect("192.0.2.1:50051");
  if (elsewhere.ok()) {
    std::cout << "connected without encryption to another machine\n";
    return 1;
  }

  // Nobody listens there.
  const auto client = kasa::client::Client::Connect("unix:./no-such-socket");
  if (!client.ok()) {
    std::cout << client.status() << "\n";
    return 1;
  }
  kasa::v1::FiscalizeSaleRequest request;
  request.set_document_id("DN-1");
  request.set_source_system("consumer");
  kasa::v1::Line& line = *request.mutable_sale()->add_lines();
  line.set_price_kopiykas(12'50);
  const auto sale = client->FiscalizeSale(request);
  const std::optional<kasa::client::Error> error = kasa::client::ErrorFrom(sale.status());
  if (!error) {
    std::cout << "nobody answered, and that was OK\n";
    return 1;
  }
  std::cout << google::rpc::ErrorInfo::descriptor()->full_name() << " of "
            << kasa::v1::FiscalizeSaleRequest::descriptor()->full_name() << ": code "
            << static_cast<int>(error->code) << ", stored nothing: " << std::boolalpha
            << error->stored_nothing() << "\n";
  return 0;
}
