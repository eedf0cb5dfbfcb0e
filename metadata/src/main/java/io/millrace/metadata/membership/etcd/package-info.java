/** Membership by keys in etcd that live as long as their nodes' leases. */
@NullMarked
package io.millrace.metadata.membership.etcd;

import org.jspecify.annotations.NullMarked;
