@NullMarked
package io.millrace.metadata.membership.etcd;

import org.jspecify.annotations.NullMarked;
