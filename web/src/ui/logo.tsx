export const Logo = ({ className = "size-6" }: { readonly className?: string }) => (
  <svg viewBox="0 0 32 32" aria-hidden className={className}>
    <rect width="32" height="32" rx="8" className="fill-primary" />
    <path d="M8 9.5h16M16 9.5v14" className="stroke-on-primary" strokeWidth="3" strokeLinecap="round" />
    <circle cx="9.5" cy="20.5" r="2.5" className="fill-on-primary" opacity="0.6" />
    <circle cx="22.5" cy="20.5" r="2.5" className="fill-on-primary" opacity="0.6" />
  </svg>
)
