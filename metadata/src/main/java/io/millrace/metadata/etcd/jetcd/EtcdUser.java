package io.millrace.metadata.etcd.jetcd;

/** Who this process is at an etcd that asks for user and password. */
public record EtcdUser(String name, String password) {

    public EtcdUser {
        if (name.isBlank() || password.isEmpty()) {
            throw new IllegalArgumentException("etcd's user needs a name and a password");
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "EtcdUser[" + name + "]";
    }
}
