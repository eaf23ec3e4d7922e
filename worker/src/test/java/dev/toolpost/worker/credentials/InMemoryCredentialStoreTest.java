package dev.toolpost.worker.credentials;

class InMemoryCredentialStoreTest extends CredentialStoreContract {

    @Override
    CredentialStore store() {
        return new InMemoryCredentialStore();
    }
}
