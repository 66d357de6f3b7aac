/** A certificate made for tests; its key is gone, and nothing trusts it. */
export const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBiDCCAS2gAwIBAgIUOlCUFZyQpmaO4SrzCwflUQ4AUnMwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNc2V0dGluZ3MgdGVzdDAgFw0yNjExMjYxNjMzNDJaGA8yMTI2
MTEwMjE2MzM0MlowGDEWMBQGA1UEAwwNc2V0dGluZ3MgdGVzdDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABE9qeeRjacCZLGvQub4NEXN8G8LTEjXT6BZM/yfThKml
/AMHTIR077qxUoifopE8WcB3kDAa1ZFgKQU33UMPybKjUzBRMB0GA1UdDgQWBBTt
f0cAC2kSPQZWsAfakLshNkKEzzAfBgNVHSMEGDAWgBTtf0cAC2kSPQZWsAfakLsh
NkKEzzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDXXMJgyrGo
wSRiLGes20vSUKdZ4Il9dGpmukp2pbsspwIhALmlY70q+9FlEN1TT/vhwDHmOX8k
ITDdaEmvWrbIS7SA
-----END CERTIFICATE-----
`;

/** A PEM block that holds something else. */
export const otherPem = `-----BEGIN PRIVATE KEY-----
${Buffer.from("not a key, but neither a certificate").toString("base64")}
-----END PRIVATE KEY-----
`;
