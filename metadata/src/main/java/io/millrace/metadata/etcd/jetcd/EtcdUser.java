package io.millrace.metadata.etcd.jetcd;

/** Credentials for an etcd that requires authentication. */
public record EtcdUser(String name, String password) {

    public EtcdUser {
        if (name.isBlank() || password.isEmpty()) {
            throw new IllegalArgumentException("etcd's user needs a name and a password");
        }
    }

    /** Omits the password. */
    @Override
    public String toString() {
        return "EtcdUser[" + name + "]";
    }
}
