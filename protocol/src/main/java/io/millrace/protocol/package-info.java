/** What every module shares: the contract with clients. */
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
