/** Tests. */
@NullMarked
package io.millrace.metadata.admin;

import org.jspecify.annotations.NullMarked;
