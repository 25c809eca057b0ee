#include "tests/vchasno/tls_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <stdexcept>

namespace kasa::vchasno::testing {
namespace {

namespace asio = boost::asio;

template <typename T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* object) const { kFree(object); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION, X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

void Require(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

std::string TextIn(const Memory& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

TestCertificate MakeCertificate(const std::string& subject_alt_name, int days) {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const Certificate certificate(X509_new());
  Require(key != nullptr && certificate != nullptr, "no key or certificate");
  constexpr long kDay = 24L * 60 * 60;
  X509* const x509 = certificate.get();
  Require(X509_set_version(x509, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(x509), -2 * kDay) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(x509), days * kDay) != nullptr &&
              X509_set_pubkey(x509, key.get()) == 1,
          "the certificate can't be filled");
  X509_NAME* const name = X509_get_subject_name(x509);
  const std::string common_name = "kasa test";
  Require(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1 &&
              X509_set_issuer_name(x509, name) == 1,
          "the certificate can't be named");
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
  const Extension names(
      X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, subject_alt_name.c_str()));
  Require(names != nullptr && X509_add_ext(x509, names.get(), -1) == 1, "no subject alternative name");
  Require(X509_sign(x509, key.get(), EVP_sha256()) > 0, "the certificate can't be signed");
  const Memory certificate_pem(BIO_new(BIO_s_mem()));
  const Memory key_pem(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(certificate_pem.get(), x509) == 1 &&
              PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "the certificate can't be written");
  return {TextIn(certificate_pem), TextIn(key_pem)};
}

struct TlsServer::Impl {
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
};

TlsServer::TlsServer(const TestCertificate& certificate) : impl_(std::make_unique<Impl>()) {
  impl_->tls.use_certificate(asio::buffer(certificate.certificate_pem), asio::ssl::context::pem);
  impl_->tls.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
  port_ = impl_->acceptor.local_endpoint().port();
  thread_ = std::thread([this] { Serve(); });
}

TlsServer::~TlsServer() {
  stopping_ = true;
  // A connection of our own wakes the thread out of accept().
  boost::system::error_code ignored;
  asio::ip::tcp::socket wake(impl_->io);
  wake.connect({asio::ip::make_address("127.0.0.1"), port_}, ignored);
  wake.close(ignored);
  thread_.join();
}

void TlsServer::Serve() {
  while (!stopping_) {
    asio::ssl::stream<asio::ip::tcp::socket> stream(impl_->io, impl_->tls);
    boost::system::error_code error;
    impl_->acceptor.accept(stream.lowest_layer(), error);
    if (error || stopping_) continue;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (error) continue;  // the client did not trust us: what the tests are about
    std::string request;
    asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", error);
    if (error) continue;
    ++requests_;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    asio::write(stream, asio::buffer(answer), error);
    stream.shutdown(error);
  }
}

}  // namespace kasa::vchasno::testing
