/** Membership by keys in etcd that are bound to the leases of their nodes. */
@NullMarked
package io.millrace.metadata.membership.etcd;

import org.jspecify.annotations.NullMarked;
